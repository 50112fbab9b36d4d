"""Schedules: each source asks its address as often as it publishes."""

from __future__ import annotations

from dagster import DefaultScheduleStatus, ScheduleDefinition
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from pipelines.source import Source

LIVE = {"resources": {"warehouse": {"config": {"live": True}}}}


def source_schedule(source: Source, job: UnresolvedAssetJobDefinition) -> ScheduleDefinition:
    """Runs the source's job live, by its cadence, in UTC."""
    return ScheduleDefinition(
        name=f"{source.id}_{source.cadence.name.lower()}",
        job=job,
        cron_schedule=source.cadence.cron,
        run_config=LIVE,
        default_status=DefaultScheduleStatus.STOPPED,
        description=f"{source.title}: {source.cadence.name.lower()}",
    )
