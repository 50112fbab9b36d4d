"""The Dagster code location: assembled from the sources, nothing decided here."""

from __future__ import annotations

from dagster import Definitions, in_process_executor

from pipelines.assets.landed import landed_assets
from pipelines.assets.marts import dbt_models
from pipelines.assets.published import published_build
from pipelines.assets.raw import raw_asset
from pipelines.jobs import source_job, whole_job
from pipelines.resources import Warehouse, dbt
from pipelines.schedules import source_schedule
from pipelines.sensors import failed_run_message, inbox_sensor
from pipelines.sources import all_sources

_sources = list(all_sources().values())
_models = dbt_models()
_jobs = {source.id: source_job(source) for source in _sources}

defs = Definitions(
    assets=[
        *(raw_asset(source) for source in _sources),
        *(landed_assets(source) for source in _sources),
        _models,
        published_build(_models),
    ],
    jobs=[whole_job(), *_jobs.values()],
    schedules=[source_schedule(s, _jobs[s.id]) for s in _sources if s.fetch],
    sensors=[
        *(inbox_sensor(s, _jobs[s.id]) for s in _sources if s.accepts),
        failed_run_message,
    ],
    resources={"warehouse": Warehouse(), "dbt": dbt()},
    # One process: the work is short, and starting a process per step costs more than the steps.
    executor=in_process_executor,
)
