"""Whether every stored byte still is what it was: raw objects, receipts, landed rows, builds.

Reads everything through. Not here: mending (docs/runbook.md), tracing one row (trace.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    """Hold every raw object against its name, every receipt against the objects, every published
    build against its manifest, and the landed files against the manifest of the served build.
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
    served = settings.current.resolve().name if settings.current.exists() else None
    for folder in sorted(p for p in settings.builds.glob("[!.]*") if p.is_dir()):
        found.builds += 1
        _build(found, settings, folder, is_served=folder.name == served)
    return found


def _build(found: Verified, settings: Settings, folder: Path, *, is_served: bool) -> None:
    try:
        text = (folder / "manifest.json").read_bytes()
        seal = (folder / "manifest.sha256").read_text().strip()
        manifest = json.loads(text)
        stated = list(_stated(manifest))
        landed = dict(manifest["inputs"]["landed"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        found.wrong.append(f"build {folder.name}: its manifest.json cannot be read: {error}")
        return
    _file(found, folder / "manifest.json", seal, f"build {folder.name}: manifest.json")
    if manifest["build_id"] != folder.name:
        found.wrong.append(f"build {folder.name}: its manifest is of {manifest['build_id']}")
    for name, sha256 in stated:
        _file(found, folder / name, sha256, f"build {folder.name}: {name}")
    for name, sha256 in landed.items() if is_served else ():
        path = settings.landed / name
        # A file that landed anew since is no damage: the next build is made from it.
        if path.exists() and path.stat().st_mtime <= (folder / "manifest.json").stat().st_mtime:
            _file(found, path, sha256, f"landed {name}")


def _stated(manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for file in (manifest["database"], *(t["parquet"] for t in manifest["tables"].values())):
        yield str(file["file"]), str(file["sha256"])


def _file(found: Verified, path: Path, sha256: str, what: str) -> None:
    found.files += 1
    try:
        found.size += path.stat().st_size
        if sha256_of(path) != sha256:
            found.wrong.append(f"{what} was altered: it does not hash to {sha256}")
    except OSError as error:
        found.wrong.append(f"{what} cannot be read: {error}")
