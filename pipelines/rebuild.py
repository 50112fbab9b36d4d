"""A published build made again from receipts and stored bytes, in a home of its own, and compared.

Nothing that is served changes. Not here: comparing two published builds (build_diff.py), reading
stored bytes through (verify.py).
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipelines import build, ingest, publish
from pipelines.build_diff import folder_of
from pipelines.files import write_bytes
from pipelines.lock import writer
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.sources import all_sources

log = logging.getLogger("ipw")
_RUN: Final = "rebuild"


class CannotRebuild(LookupError):
    """A build whose project, versions or files are not at hand; the message says which."""


@dataclass(frozen=True)
class Rebuilt:
    """What came out. landed, tables: how many are equal. wrong: what is not, in words."""

    build_id: str
    receipts: int
    landed: int
    tables: int
    wrong: list[str]


def rebuild(settings: Settings, build_id: str) -> Rebuilt:
    """Make a published build again and compare landed files to the byte, tables by their rows.

    One that retention removed is named by its id, too: its manifest stays. Tables are compared by
    hashes that ignore the order of rows. Raises NoSuchBuild, CannotRebuild, Busy while a run is
    writing, and DamagedObject where stored bytes that the build stands on are not those.
    """
    with writer(settings):  # nothing retires or is collected meanwhile
        gone = {path.name: path for path in settings.retired.glob("[!.]*")}
        if folder := gone.get(build_id):
            wrong = [] if build.sealed(folder) else [build.MANIFEST]
        else:
            folder = folder_of(settings, build_id)
            wrong = build.damaged(folder)
        if wrong:
            raise CannotRebuild(
                f"build {folder.name} is damaged ({', '.join(wrong)}): nothing to compare"
            )
        return _rebuild(settings, folder)


def _rebuild(settings: Settings, folder: Path) -> Rebuilt:
    told = build.manifest_of(folder)
    build.ensure_manifest()
    if (payloads := told.get("payloads")) is None:
        raise CannotRebuild(f"build {folder.name} does not name its payloads: it is too old")
    for _, sha256, _ in payloads:
        RawStore(settings.raw).verified(sha256)
    with tempfile.TemporaryDirectory(prefix=".rebuilding-", dir=settings.warehouse) as home:
        scratch = Settings(
            home=Path(home),
            evaluation_date=dt.date.fromisoformat(told["evaluation_date"]),
            whole_lists=told["whole_lists"],
        )
        _same_project(build.inputs(scratch), told)
        receipts = _lay_out(settings, scratch, told["built_at"])
        for source in all_sources().values():
            # A dropped file counts while it lies in the inbox; these did.
            ingest.land(source, scratch, {url for of, _, url in payloads if of == source.id})
        ingest.describe_datasets(scratch)
        made_from = build.inputs(scratch)
        landed = _rows_of(told["inputs"]["landed"]), _rows_of(made_from.landed)
        wrong = [f"landed {name} {how}" for name, how in _differences(*landed).items()]
        tables = {n: t["content_hash"] for n, t in told["tables"].items()}, dict[str, str]()
        if not wrong:  # tables of other rows are other tables
            log.info("building and testing the models (dbt)")
            _dbt(scratch, made_from)
            made = publish.publish(scratch, _RUN)["tables"]
            tables[1].update({name: table["content_hash"] for name, table in made.items()})
            wrong += [f"table {name} {how}" for name, how in _differences(*tables).items()]
    return Rebuilt(folder.name, receipts, _equal(*landed), _equal(*tables), wrong)


def _same_project(now: build.Inputs, told: Mapping[str, Any]) -> None:
    """Raises CannotRebuild where the build was made by another project or other libraries."""
    differ = [
        *_differences(told["inputs"]["dbt"], now.dbt),
        *_differences(told["versions"], now.versions),
    ]
    if differ:
        shown = ", ".join(differ[:5]) + (f" and {len(differ) - 5} more" if len(differ) > 5 else "")
        where = told.get("revision") or "of that day"
        raise CannotRebuild(
            f"build {told['build_id']} was made by another version of the project ({shown}): "
            f"check out revision {where}, run `make setup` there and rebuild with the same IPW_HOME"
        )


def _lay_out(settings: Settings, scratch: Settings, until: str) -> int:
    """The receipts up to a build beside the stored bytes; returns how many."""
    scratch.raw.mkdir(parents=True)
    (scratch.raw / "objects").symlink_to(settings.raw / "objects")
    built = dt.datetime.fromisoformat(until)
    store, count = RawStore(settings.raw), 0
    for source_id in all_sources():
        for place, receipt in store.filed(source_id):
            if dt.datetime.fromisoformat(receipt.finished_at) <= built:
                write_bytes(scratch.raw / place, (settings.raw / place).read_bytes())
                count += 1
    return count


def _rows_of(landed: Mapping[str, str]) -> dict[str, str]:
    """Landed files by hash, but for the records of landings, which tell when they took place."""
    when = "operations/landing/"
    return {name: sha256 for name, sha256 in landed.items() if not name.startswith(when)}


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """What of two maps is not equal, each name with how."""
    return {
        name: "is new" if name not in before else "is gone" if name not in after else "differs"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    }


def _equal(before: Mapping[str, str], after: Mapping[str, str]) -> int:
    return sum(before.get(name) == value for name, value in after.items())


def _dbt(settings: Settings, made_from: build.Inputs) -> None:
    """The models, as a run makes them. Raises CannotRebuild with dbt's words."""
    database = build.begin(settings, _RUN, made_from)
    with build.environment(settings, made_from):
        done = subprocess.run(  # noqa: S603 - our own command
            [
                str(Path(sys.executable).with_name("dbt")), *build.arguments(made_from),
                "--profiles-dir", str(build.DBT_PROJECT),
                "--target-path", str(settings.dbt_target), "--log-path", str(settings.dbt_target),
            ],
            cwd=database.parent / build.BENCH, capture_output=True, text=True, check=False,
            env=dict(os.environ),
        )  # fmt: skip
    if done.returncode:
        raise CannotRebuild(f"dbt failed:\n{done.stdout}{done.stderr}")
