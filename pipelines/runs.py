"""The runs so far, as a table: read from Dagster's history, whoever started them.

Not here: what a run does (runner.py), its log.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.runner import innermost, prepare_dagster
from pipelines.settings import Settings

if TYPE_CHECKING:
    from dagster import DagsterInstance


@dataclass(frozen=True)
class Run:
    """One run, times in UTC. status: Dagster's; STARTED without an end: it runs, or was killed.

    build_id: what it published; NULL where nothing changed or it failed. error: why it failed.
    """

    run_id: str
    job: str
    status: str
    started_at: str | None
    ended_at: str | None
    seconds: float | None
    build_id: str | None
    error: str | None


def runs(settings: Settings, limit: int) -> list[Run]:
    """The newest runs first; none where none was ever made."""
    if not settings.dagster_home.exists():
        return []
    # Imported here: Dagster takes seconds to import, and other commands do without it.
    from dagster import DagsterInstance

    prepare_dagster(settings)
    with DagsterInstance.get() as instance:
        found = []
        for record in instance.get_run_records(limit=limit):
            run, start, end = record.dagster_run, record.start_time, record.end_time
            found.append(
                Run(
                    run.run_id,
                    run.job_name,
                    run.status.value,
                    _moment(start),
                    _moment(end),
                    round(end - start, 1) if start and end else None,
                    _build(instance, run.run_id),
                    _error(instance, run.run_id),
                )
            )
    return found


def _build(instance: DagsterInstance, run_id: str) -> str | None:
    from dagster import DagsterEventType

    made = DagsterEventType.ASSET_MATERIALIZATION
    for record in instance.get_records_for_run(run_id, of_type=made).records:
        found = record.event_log_entry.asset_materialization
        if found and "build_id" in found.metadata:
            return str(found.metadata["build_id"].value)
    return None


def _error(instance: DagsterInstance, run_id: str) -> str | None:
    from dagster import DagsterEventType

    for kind in (DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE):
        for record in instance.get_records_for_run(run_id, of_type=kind).records:
            if event := record.event_log_entry.dagster_event:
                return innermost(event)
    return None


def _moment(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return dt.datetime.fromtimestamp(seconds, dt.UTC).isoformat(timespec="seconds")
