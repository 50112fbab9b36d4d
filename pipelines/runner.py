"""Running the Dagster job in this process for the command line: quiet, logged, one verdict.

Not here: what the job does, and how the verdict is shown.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy.exc import SQLAlchemyError

from pipelines import build
from pipelines.lock import Busy, writer
from pipelines.settings import Settings
from pipelines.trouble import advised

if TYPE_CHECKING:
    from dagster import DagsterEvent, ExecuteInProcessResult

#: One run at a time, whoever starts it; nothing is reported to anyone, no newsletter offered.
DAGSTER_YAML = """\
event_log_storage:
  module: pipelines.history
  class: History
  config:
    base_dir: {history}
concurrency:
  runs:
    max_concurrent_runs: 1
telemetry:
  enabled: false
nux:
  enabled: false
"""


_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_DBT_ERRORS = "Errors parsed from dbt logs:"


@dataclass
class Verdict:
    """How a run ended.

    problems: what was refused or could not be got while the rest was published. error: why nothing
    was published. build_id: the build now served.
    """

    published: bool = False
    build_id: str | None = None
    problems: list[str] = field(default_factory=list)
    error: str | None = None
    seconds: float = 0.0
    log: Path | None = None


def prepare_dagster(settings: Settings) -> Path:
    """Dagster's home under IPW_HOME, with its settings; also where the UI finds the runs."""
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    wanted = DAGSTER_YAML.format(history=json.dumps(str(home / "history" / "runs")))
    if not config.exists() or config.read_text() != wanted:
        config.write_text(wanted)
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def run(settings: Settings, *, job: str = "warehouse", live: bool = False) -> Verdict:
    """Execute a job of the code location and say how it ended."""
    started = dt.datetime.now(dt.UTC)
    log = settings.warehouse / "logs" / f"{started:%Y%m%dT%H%M%SZ}-{os.getpid()}.log"
    try:
        build.ensure_manifest()
        prepare_dagster(settings)
        log.parent.mkdir(parents=True, exist_ok=True)
        # Before Dagster opens its storage: two runs that make it at once stumble over each other.
        with writer(settings), log.open("w", encoding="utf-8") as stream, _into(stream):
            result = _execute(job, live)
    except (Busy, OSError, SQLAlchemyError) as error:
        message = str(getattr(error, "orig", error))  # SQLAlchemy adds the statement
        return Verdict(build_id=_served(settings), error=advised(message), log=log)
    verdict = Verdict(log=log, build_id=_served(settings))
    # Not "the served build is another one": another run may have published while this one waited.
    verdict.published = any(
        event.asset_key is not None and event.asset_key.path == ["published", "current"]
        for event in result.get_asset_materialization_events()
    )
    verdict.problems = _problems(result)
    verdict.error = None if result.success else advised(_error(result))
    verdict.seconds = (dt.datetime.now(dt.UTC) - started).total_seconds()
    return verdict


@contextlib.contextmanager
def _into(stream: object) -> Iterator[None]:
    """Dagster and dbt write much; it goes to the log."""
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):  # type: ignore[type-var]
        yield


def _execute(job: str, live: bool) -> ExecuteInProcessResult:
    # Imported here: Dagster takes seconds to import, and other commands do without it.
    from dagster import DagsterInstance
    from sqlalchemy import Engine, event

    from pipelines.definitions import defs

    # Dagster commits each of some thousand events by itself. Its history is no source of truth: a
    # power cut may cost its last lines; what is published is forced to disk on its own.
    event.listen(Engine, "connect", lambda sqlite, _: sqlite.execute("pragma synchronous = off"))
    return defs.resolve_job_def(job).execute_in_process(
        instance=DagsterInstance.get(),
        raise_on_error=False,
        run_config={"resources": {"warehouse": {"config": {"live": live}}}},
    )


def _problems(result: ExecuteInProcessResult) -> list[str]:
    """Fetch errors of the raw assets and refusals of the landed ones."""
    problems = []
    for event in result.get_asset_materialization_events():
        metadata = event.step_materialization_data.materialization.metadata
        if "errors" in metadata:
            problems += [str(error) for error in cast(list[str], metadata["errors"].value)]
    for check in result.get_asset_check_evaluations():
        if check.check_name == "contract" and not check.passed:
            table = ".".join(check.asset_key.path)
            refused = cast(list[str], check.metadata["refused"].value)
            quarantined = check.metadata["quarantined"].value
            problems += [f"{check.asset_key.path[0]}: refused: {message}" for message in refused]
            if quarantined:
                problems.append(f"{table}: {quarantined} rows in quarantine")
    return list(dict.fromkeys(problems))


def _error(result: ExecuteInProcessResult) -> str:
    """The innermost message of the first step that failed."""
    told = (innermost(event) for event in result.all_events)
    return next(filter(None, told), "the run failed before its first step")


def innermost(event: DagsterEvent) -> str | None:
    """Why a step or a run failed, in the words of what went wrong first; None for other events."""
    if event.is_step_failure:
        error = event.step_failure_data.error
        while error and error.cause:
            error = error.cause
        message = _ANSI.sub("", error.message).strip() if error else "no message"
        # dbt's own words, without the command line before them.
        return f"{event.step_key}: {message.rpartition(_DBT_ERRORS)[2].strip()}"
    if event.is_job_failure and (error := event.job_failure_data.error):
        while error.cause:
            error = error.cause
        return error.message.strip()
    return None


def _served(settings: Settings) -> str | None:
    return settings.current.resolve().name if settings.current.exists() else None
