"""Sensors: new inbox files start their source's job; a failed run leaves one clear message."""

import datetime as dt
from collections.abc import Iterator

from dagster import (
    DefaultSensorStatus,
    RunFailureSensorContext,
    RunRequest,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    run_failure_sensor,
    sensor,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from pipelines import ingest
from pipelines.files import write_bytes
from pipelines.settings import Settings
from pipelines.source import Source


def inbox_sensor(source: Source, job: UnresolvedAssetJobDefinition) -> SensorDefinition:
    """Starts the source's job when its inbox holds files not seen before."""

    folders = ", ".join(f"raw/inbox/{name}/" for name in source.inbox_folders)

    @sensor(
        name=f"{source.id}_inbox",
        job=job,
        minimum_interval_seconds=30,
        default_status=DefaultSensorStatus.STOPPED,
        description=folders,
    )
    def inbox(context: SensorEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        settings = Settings()
        seen = [
            f"{ingest.place(path, settings)}:{path.stat().st_size}:{path.stat().st_mtime_ns}"
            for path, _ in ingest.dropped(source, settings)
        ]
        before = (context.cursor or "").splitlines()
        context.update_cursor("\n".join(seen))
        if new := [file for file in seen if file not in before]:
            yield RunRequest(run_key="\n".join(new))
        else:
            yield SkipReason(f"nothing new in {folders}")

    return inbox


@run_failure_sensor(
    name="failed_run_message",
    default_status=DefaultSensorStatus.RUNNING,
    description="Writes warehouse/last_failure.txt: what failed, why, and what to do.",
)
def failed_run_message(context: RunFailureSensorContext) -> None:
    """One message for the operator; the last good build keeps serving."""
    settings = Settings()
    steps = [
        f"- {event.step_key}: {event.event_specific_data.error_display_string}"  # type: ignore[union-attr]
        for event in context.get_step_failure_events()
    ]
    text = "\n".join(
        [
            f"Run {context.dagster_run.run_id} of job {context.dagster_run.job_name} failed at "
            f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC.",
            "Nothing was published; the last good build keeps serving.",
            "",
            *(steps or [context.failure_event.message or "no step failed"]),
            "",
            "What to do: `ipw status` shows each dataset; mend the cause, then `ipw run`.",
        ]
    )
    write_bytes(settings.warehouse / "last_failure.txt", (text + "\n").encode())
    context.log.error(text)
