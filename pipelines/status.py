"""What the warehouse holds, read from receipts and landed files; no build needed.

Not here: Dagster, printing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from contracts.rules.periods import bounds
from pipelines.landing import Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.source import Cadence, Source
from pipelines.sources import all_sources


@dataclass(frozen=True)
class DatasetStatus:
    """One dataset: last attempt and success (UTC), period covered, rows, freshness.

    freshness: late when its newest release is too old (late_by_days), or when the period after the
    last one that it covers should have been published by now (period_late_by_days; NULL where it
    has no periods, or comes irregularly and owes none); never: nothing landed.
    notes: what its landed files lack, or what was left out of them by name.
    """

    dataset: str
    last_attempt: str | None
    last_success: str | None
    period_from: str | None
    period_to: str | None
    releases: int
    rows_accepted: int
    rows_quarantined: int
    payloads_refused: int
    freshness: str
    late_by_days: int
    period_late_by_days: int | None
    last_error: str | None
    notes: list[str]

    def as_dict(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self)


def status(settings: Settings) -> list[DatasetStatus]:
    """Every dataset of every source."""
    return [line for source in all_sources().values() for line in of_source(source, settings)]


def of_source(source: Source, settings: Settings) -> list[DatasetStatus]:
    """Its datasets."""
    store = RawStore(settings.raw)
    attempts = list(store.attempts(source.id))
    good = [a for a in attempts if a.succeeded]
    failed = [a for a in attempts if a.outcome == "failed"]
    last = good[-1].finished_at if good else None
    lander = Landing(source, store, settings.landed)
    history = lander.history()
    lines = []
    for table in source.tables:
        own = history.filter(pl.col("table_name") == table)
        landed = own.filter(pl.col("outcome") == "landed")
        periods = _periods(lander, source, table) if landed.height else (None, None)
        newest = landed["release_date"].max()
        since = str(newest) if newest else last if landed.height else None
        late_by = _late(source, since)
        owes = source.cadence is not Cadence.IRREGULAR
        period_late_by = _period_late(periods[1]) if owes else None
        is_late = bool(late_by or period_late_by)
        lines.append(
            DatasetStatus(
                dataset=f"{source.id}.{table}",
                last_attempt=attempts[-1].finished_at if attempts else None,
                last_success=last,
                period_from=periods[0],
                period_to=periods[1],
                releases=landed["release_date"].drop_nulls().n_unique(),
                rows_accepted=int(landed["rows_accepted"].sum()),
                rows_quarantined=int(landed["rows_quarantined"].sum()),
                payloads_refused=history.filter(
                    pl.col("table_name").is_in([table, "*"]) & (pl.col("outcome") == "refused")
                ).height,
                freshness="never" if since is None else "late" if is_late else "fresh",
                late_by_days=late_by,
                period_late_by_days=period_late_by,
                last_error=failed[-1].error if failed and failed[-1] is attempts[-1] else None,
                notes=[
                    f"{file}: {message}"
                    for file, message in landed.select("file", "message").iter_rows()
                    if message
                ],
            )
        )
    return lines


def _periods(lander: Landing, source: Source, table: str) -> tuple[str | None, str | None]:
    """First and last period with a value, where the table has periods."""
    if not source.covers or source.covers[0] != table:
        return None, None
    column = pl.col(source.covers[1])
    known = lander.scan(table).filter(pl.col("obs_value").is_not_null())
    low, high = known.select(column.min().alias("low"), column.max().alias("high")).collect().row(0)
    return low, high


def _late(source: Source, since: str | None) -> int:
    """Days by which the newest release is too old, or the last success where none is dated."""
    return _beyond(dt.date.fromisoformat(since[:10]), source.cadence) if since else 0


def _period_late(period: str | None) -> int | None:
    """Days by which the period after the last one is overdue.

    It ends as long after that one as that one lasted, and may then take as long to appear as a
    source that publishes once a period: a release that comes each quarter with figures of a year
    tells old figures again.
    """
    if period is None:
        return None
    first, last = bounds(period)
    length = (last - first).days + 1
    return _beyond(last + dt.timedelta(days=length), _once_in(length))


def _once_in(days: int) -> Cadence:
    """The cadence of figures for periods of so many days; of a half-year, that of quarters."""
    if days >= 365:
        return Cadence.YEARLY
    if days >= 90:
        return Cadence.QUARTERLY
    return Cadence.MONTHLY if days >= 28 else Cadence.DAILY


def _beyond(day: dt.date, cadence: Cadence) -> int:
    late = dt.datetime.now(dt.UTC).date() - day - cadence.late_after
    return max(late.days, 0)
