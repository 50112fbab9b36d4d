"""Whether every stored byte still is what it was: raw objects, receipts, landed rows, builds.

Reads everything through. Not here: mending (docs/runbook.md), tracing one row (trace.py).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines import build, landed_files
from pipelines.files import sha256_of
from pipelines.raw_store import SEAL, RawStore
from pipelines.settings import Settings


@dataclass
class Verified:
    """What was read and what is wrong. files, size: of all that was held against a hash."""

    files: int = 0
    size: int = 0
    receipts: int = 0
    builds: int = 0
    wrong: list[str] = field(default_factory=list)


def verify(settings: Settings) -> Verified:
    """Hold every raw object against its name, every receipt against its own and the objects, every
    published build against its manifest, and every landed file against the record of its landing.
    """
    found = Verified()
    store = RawStore(settings.raw)
    for path in sorted(store.objects.glob("??/*")):
        _file(found, path, path.name, f"raw object {path}")
    for folder in sorted(p for p in store.receipts.glob("*") if p.is_dir()):
        for path in sorted(folder.glob("*/*.json")):
            seal = path.stem.rpartition("-")[2]
            if len(seal) == SEAL and not sha256_of(path).startswith(seal):
                found.wrong.append(f"receipt {path} was altered: it does not hash to its name")
        try:
            for place, receipt in store.filed(folder.name):
                found.receipts += 1
                if receipt.sha256 and not store.path(receipt.sha256).exists():
                    found.wrong.append(f"receipt {place}: its object {receipt.sha256} is missing")
        except ValueError as error:
            found.wrong.append(str(error))
    for folder in sorted(p for p in settings.builds.glob("[!.]*") if p.is_dir()):
        found.builds += 1
        _build(found, folder)
    for folder in sorted(settings.retired.glob("[!.]*")):
        found.files += 1
        if not build.sealed(folder):
            found.wrong.append(f"retired build {folder.name}: its {build.MANIFEST} was altered")
    _landed(found, settings, settings.current.resolve() if settings.current.exists() else None)
    return found


def _build(found: Verified, folder: Path) -> None:
    """A build's files against its manifest, and the manifest against its seal."""
    try:
        told = build.stated(folder)
        of = build.manifest_of(folder)["build_id"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        name = build.MANIFEST
        found.wrong.append(f"build {folder.name}: its {name} cannot be read: {error}")
        return
    if of != folder.name:
        found.wrong.append(f"build {folder.name}: its manifest is of {of}")
    for name, sha256 in told.items():
        _file(found, folder / name, sha256, f"build {folder.name}: {name}")


def _landed(found: Verified, settings: Settings, served: Path | None) -> None:
    """Landed rows against the records of their landing; those against the served build's manifest.

    A record that came since is no damage: the next build is made from it.
    """
    files = {
        str(path.relative_to(settings.landed)): path
        for path in sorted(settings.landed.rglob("*.parquet"))
    }
    hashes = {}
    for place, path in files.items():
        found.files += 1
        found.size += path.stat().st_size
        hashes[place] = sha256_of(path)
    try:
        for place in landed_files.unaccounted(settings.landed, hashes):
            what = "was altered or is left over" if place in files else "is gone"
            found.wrong.append(f"landed {place} {what}: the record of its landing tells otherwise")
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        found.wrong.append(f"a record of landings cannot be read: {error}")
    if served is None:
        return
    try:
        manifest = build.manifest_of(served)
        told, made = manifest["inputs"]["landed"], dt.datetime.fromisoformat(manifest["built_at"])
        changed = _landed_since(settings, made)
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return  # told with the build, or with the record
    for place, sha256 in told.items():
        if place in hashes and hashes[place] == sha256:
            continue
        path = Path(place)
        if path.stem == "_schema":
            is_judged = True
        elif path.parts[:2] in (("operations", "quarantine"), ("operations", "finding")):
            is_judged = path.stem.partition("__")[0] not in changed
        else:  # rows are judged by their record; records and datasets may be newer than the build
            is_judged = place.startswith("operations/") and not _is_newer(files.get(place), made)
        if is_judged:
            what = f"was altered: it does not hash to {sha256}" if place in files else "is gone"
            found.wrong.append(f"landed {place} {what}")


def _landed_since(settings: Settings, made: dt.datetime) -> set[str]:
    """Sources of which something was landed or refused after a build was made."""
    records = (settings.landed / "operations" / "landing").glob("*__*.parquet")
    return {
        record.stem.partition("__")[0]
        for record in records
        for (landed_at,) in pl.read_parquet(record, columns=["landed_at"]).iter_rows()
        if dt.datetime.fromisoformat(landed_at) > made
    }


def _is_newer(path: Path | None, made: dt.datetime) -> bool:
    return path is not None and path.stat().st_mtime > made.timestamp()


def _file(found: Verified, path: Path, sha256: str, what: str) -> None:
    found.files += 1
    try:
        found.size += path.stat().st_size
        if sha256_of(path) != sha256:
            found.wrong.append(f"{what} was altered: it does not hash to {sha256}")
    except OSError as error:
        found.wrong.append(f"{what} cannot be read: {error}")
