"""One source, from its address or its inbox to landed rows and findings.

These are the steps that the Dagster assets call. Not here: scheduling, builds.
"""

from __future__ import annotations

import datetime as dt
import logging
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

import polars as pl

from contracts.base import polars_schema
from contracts.operations import OPERATIONS
from pipelines import between_releases, landed_files
from pipelines.fetch import Client, FetchReport
from pipelines.files import is_parquet, write_parquet
from pipelines.landing import Landed, Landing
from pipelines.raw_store import RawStore, Receipt
from pipelines.settings import Settings
from pipelines.source import Keep, Source
from pipelines.sources import all_sources

log = logging.getLogger("ipw")
#: Unicode categories: control, format, half of a pair, ends of lines and paragraphs.
_UNSHOWN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def collect(source: Source, settings: Settings, *, live: bool) -> FetchReport:
    """Take what lies in the source's inbox, and ask its address if it is local or `live`."""
    client = Client(source, RawStore(settings.raw), settings)
    log.info("%s: getting bytes", source.id)
    for path, release_date in dropped(source, settings):
        client.take(path, place(path, settings), release_date)
    for path, fault in _left(source, settings):
        log.warning("%s: not taken: %s (%s)", source.id, _shown(place(path, settings)), fault)
    if source.fetch and (live or source.offline):
        source.fetch(client)
    return client.report


def dropped(source: Source, settings: Settings) -> list[tuple[Path, str | None]]:
    """Files that a person dropped, each with the release date that its folder's name gives.

    Only names that the source accepts, in its inboxes or a folder named YYYY-MM-DD below them;
    links are not followed out of the inbox, and names that cannot be shown are not taken.
    """
    found = []
    for path in _inbox(source, settings):
        if not _accepts(source, path) or _odd(path):
            continue
        try:
            date = dt.date.fromisoformat(path.parent.name).isoformat()
        except ValueError:
            date = None
        found.append((path, date))
    return found


def _inbox(source: Source, settings: Settings) -> Iterator[Path]:
    """What lies in the source's inboxes, but for hidden files, which systems leave behind."""
    root = settings.inbox.resolve()
    for path in sorted(p for name in source.inbox_folders for p in (root / name).glob("**/*")):
        if path.is_file() and path.resolve().is_relative_to(root) and path.name[0] != ".":
            yield path


def _left(source: Source, settings: Settings) -> Iterator[tuple[Path, str]]:
    """What lies in the inboxes and is not taken, with the reason."""
    root = settings.inbox.resolve()
    for path in _inbox(source, settings):
        if not _accepts(source, path):
            yield path, f"files that are: {', '.join(source.accepts)}"
        elif _odd(path):
            yield path, "a name with control characters or broken text: rename it"
    for path in sorted(p for name in source.inbox_folders for p in (root / name).glob("**/*")):
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            yield path, "a link out of the inbox: copy the file"


def _odd(path: Path) -> bool:
    """Whether the name or a folder's holds what no terminal, log or receipt should be given."""
    return _shown(str(path)) != str(path)


def _shown(text: str) -> str:
    """The text with control characters, marks that turn the line, and halves by their numbers."""
    return "".join(
        ascii(each)[1:-1] if unicodedata.category(each) in _UNSHOWN else each for each in text
    )


def _accepts(source: Source, path: Path) -> bool:
    """Whether the name is one of the source's patterns; CNIPA's files end in .XML."""
    return any(PurePath(path.name.lower()).match(pattern) for pattern in source.accepts)


def land(
    source: Source, settings: Settings, offered: Collection[str] | None = None
) -> list[Landed]:
    """Land what is new and hold all landed rows of the source against each other.

    offered: places of the dropped files that are there; those of the inbox unless given.
    """
    landed_files.ensure_operations(settings.landed)
    lander = Landing(source, RawStore(settings.raw), settings.landed)
    if offered is None:
        offered = {place(path, settings) for path, _ in dropped(source, settings)}
    done = lander.run(offered)
    for one in done:
        log.info(
            "%s.%s: %s %s, %d rows", source.id, one.table_name, one.outcome, one.file, one.rows_in
        )
    if not source.read_by:  # what a made-up file lacks is no news
        for file, message in dict.fromkeys((one.file, one.message) for one in done if one.message):
            log.info("%s: %s: %s", source.id, file, message)
    landed_now = {one.file for one in done if one.outcome == "landed"}
    for finding in lander.warnings() if landed_now else ():
        if finding["file"] in landed_now:
            log.warning("%s: %s", finding["dataset"], finding["message"])
    if not is_parquet(landed_files.findings_of(settings.landed, source.id)):
        landed_files.write_findings(settings.landed, source.id, _found(source, lander))
    return done


def _found(source: Source, lander: Landing) -> Iterator[Mapping[str, object]]:
    """Findings on all that landed of a source."""
    yield from lander.warnings()
    if source.keep is Keep.RELEASES:
        for table, contract in source.tables.items():
            yield from between_releases.review(f"{source.id}.{table}", contract, lander.scan(table))
    if source.review:
        yield from source.review({name: lander.accepted(name) for name in source.tables})


def place(path: Path, settings: Settings) -> str:
    """A dropped file's place below raw/, as its receipts name it: inbox/<source>/…"""
    return path.relative_to(settings.raw.resolve()).as_posix()


def describe_datasets(settings: Settings) -> None:
    """Write what every dataset is, for the marts to say so; a source never run is named too.

    Attempts are told by the day, so that looking again on the same day changes nothing.
    """
    store = RawStore(settings.raw)
    for source in all_sources().values():
        landed_files.ensure_tables(settings.landed, source)
    days: dict[str, tuple[str | None, str | None]] = {}
    for source_id in all_sources():
        attempts = list(store.attempts(source_id))
        good = [a for a in attempts if a.succeeded]
        days[source_id] = (_last_day(attempts), _last_day(good))
    rows: list[Mapping[str, Any]] = [
        {
            "source_id": source.id,
            "table_name": table,
            "title": source.title,
            "publisher": source.publisher,
            "licence": source.licence.id,
            "attribution": source.licence.attribution,
            "may_publish": source.licence.publish,
            "cadence": source.cadence.name.lower(),
            "late_after_days": source.cadence.late_after.days,
            "offline": source.offline,
            "last_attempt": days[source.id][0],
            "last_success": days[source.id][1],
        }
        for source in all_sources().values()
        for table in source.tables
    ]
    schema = polars_schema(OPERATIONS["dataset"])
    frame = pl.DataFrame(rows, schema={**schema, "last_attempt": str, "last_success": str})
    days_typed = pl.col("last_attempt", "last_success").str.to_date()
    path = settings.landed / "operations" / "dataset" / "datasets.parquet"
    write_parquet(path, frame.with_columns(days_typed))


def _last_day(attempts: list[Receipt]) -> str | None:
    return attempts[-1].finished_at[:10] if attempts else None
