"""The Dagster code location: what it offers, and its whole job run for real in this process.

Here: assets, checks, jobs, schedules, sensors. Not here: the daemon and the web server
(test_daemon.py), and whether the figures are right (tests/marts).
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from dagster import (
    AssetCheckKey,
    AssetCheckSeverity,
    AssetKey,
    DagsterInstance,
    Definitions,
    ExecuteInProcessResult,
    RepositoryDefinition,
    build_run_status_sensor_context,
    build_schedule_context,
    build_sensor_context,
    validate_run_config,
)
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from warehouse_runs import copy, environment, ipw, rows

from pipelines import build
from pipelines.runner import prepare_dagster
from pipelines.settings import CHECKOUT, Settings
from pipelines.sources import all_sources

FIGURES = CHECKOUT / "raw" / "official_releases"
SOURCES = sorted(all_sources())


@pytest.fixture(scope="module")
def location() -> Definitions:
    """The code location, as workspace.yaml loads it."""
    build.ensure_manifest()
    from pipelines.definitions import defs

    return defs


@pytest.fixture(scope="module")
def repository(location: Definitions) -> RepositoryDefinition:
    """Its jobs, schedules and sensors by name."""
    return location.get_repository_def()


@pytest.fixture(scope="module")
def graph(location: Definitions) -> AssetGraph:
    """Its assets and checks."""
    return location.resolve_asset_graph()


class Whole(NamedTuple):
    """A home on which the whole job was run twice, in process."""

    home: Path
    first: ExecuteInProcessResult
    second: ExecuteInProcessResult


@pytest.fixture(scope="module")
def use_home() -> Iterator[Callable[[Path], Path]]:
    """Points IPW_HOME to a folder, for this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("IPW_")]:
            patch.delenv(name)

        def use(home: Path) -> Path:
            patch.setenv("IPW_HOME", str(home))
            return home

        yield use


@pytest.fixture(scope="module")
def whole(
    repository: RepositoryDefinition,
    tmp_path_factory: pytest.TempPathFactory,
    use_home: Callable[[Path], Path],
) -> Whole:
    """The job `warehouse`, executed twice on a home with nothing but a small simulated register."""
    home = use_home(tmp_path_factory.mktemp("whole"))
    made = ipw(home, "simulate", "--patents", "300", "--seed", "1")
    assert made.returncode == 0, made.stderr
    with DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as instance:
        job = repository.get_job("warehouse")
        first, second = (
            job.execute_in_process(instance=instance, raise_on_error=False) for _ in range(2)
        )
    return Whole(home, first, second)


def materialised(result: ExecuteInProcessResult) -> dict[AssetKey, dict[str, Any]]:
    """The assets that a run made, with their metadata as plain values."""
    return {
        event.step_materialization_data.materialization.asset_key: {
            name: value.value
            for name, value in event.step_materialization_data.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
    }


def lines(file: Path) -> int:
    """Rows of a CSV file."""
    with file.open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.DictReader(stream))


# What is offered


def test_the_workspace_is_valid(tmp_path: Path) -> None:
    prepared = environment(tmp_path, DAGSTER_HOME=str(tmp_path))
    done = subprocess.run(
        [
            sys.executable, "-m", "dagster", "definitions", "validate",
            "-w", str(CHECKOUT / "workspace.yaml"),
        ],
        cwd=CHECKOUT, env=prepared, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All code locations passed validation" in done.stdout + done.stderr


def test_the_home_of_dagster_allows_one_run_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "")  # restored afterwards
    home = prepare_dagster(Settings(home=tmp_path))
    assert home == tmp_path / ".dagster"
    assert os.environ["DAGSTER_HOME"] == str(home)
    with DagsterInstance.get() as instance:
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        assert queue.max_concurrent_runs == 1
        assert instance.telemetry_enabled is False


@pytest.mark.parametrize("source_id", SOURCES)
def test_every_source_has_its_assets_and_checks(source_id: str, graph: AssetGraph) -> None:
    source = all_sources()[source_id]
    raw = AssetKey(["raw", source_id])
    landed = {table: AssetKey([source_id, table]) for table in source.tables}
    assert raw in graph.materializable_asset_keys
    assert graph.get(raw).group_name == "raw"
    assert graph.get(raw).freshness_policy is not None
    for key in landed.values():
        node = graph.get(key)
        assert node.group_name == "landed"
        assert node.parent_keys == {raw}
        assert node.owners == ["team:data-stewards"]
        assert "pandera" in node.kinds
        assert node.description
        assert graph.get(AssetCheckKey(key, "rows_accounted")).blocking
        assert not graph.get(AssetCheckKey(key, "contract")).blocking
    # Bytes reach readers: something that is published stands on them. A build may lack the twins on
    # simulated records, so that publishing does not wait for them.
    read = ["published", "current"]
    if source_id == "simulated_register":
        read = ["warehouse", "simulated__mart_high_value_stock"]
    assert raw in graph.get_ancestor_asset_keys(AssetKey(read))


@pytest.mark.parametrize("source_id", SOURCES)
def test_every_source_has_its_job_schedule_and_sensor(
    source_id: str, repository: RepositoryDefinition
) -> None:
    source = all_sources()[source_id]
    job = repository.get_job(source_id)
    keys = set(job.asset_layer.executable_asset_keys)
    assert {AssetKey(["raw", source_id]), AssetKey(["published", "current"])} <= keys
    assert {AssetKey([source_id, table]) for table in source.tables} <= keys
    others = {AssetKey(["raw", other]) for other in SOURCES if other != source_id}
    assert not others & keys
    schedules = {s.job_name: s for s in repository.schedule_defs}
    assert (source_id in schedules) == (source.fetch is not None)
    if source.fetch:
        assert schedules[source_id].cron_schedule == source.cadence.cron
    assert repository.has_sensor_def(f"{source_id}_inbox") == bool(source.accepts)
    if source.accepts:
        assert repository.get_sensor_def(f"{source_id}_inbox").job_name == source_id


def test_the_models_stand_in_the_groups_of_their_layers(graph: AssetGraph) -> None:
    folders = {"staging": "staging", "intermediate": "intermediate", "marts": "marts"}
    for folder, group in folders.items():
        files = (CHECKOUT / "dbt_project/models" / folder).rglob("*.sql")
        # What is ephemeral is no thing of its own: it is written into the models that read it.
        models = {f.stem for f in files if "materialized='ephemeral'" not in f.read_text()}
        assert models
        for model in models:
            node = graph.get(AssetKey(["warehouse", model]))
            assert node.group_name == group
            assert node.description, model
            assert node.owners, model


def test_a_schedule_asks_the_source_live(repository: RepositoryDefinition) -> None:
    schedule = repository.get_schedule_def("world_bank_quarterly")
    # Every quarter, on the fifth at six, UTC.
    assert schedule.cron_schedule == "0 6 5 1,4,7,10 *"
    moment = dt.datetime(2026, 1, 5, 6, tzinfo=dt.UTC)
    with build_schedule_context(
        scheduled_execution_time=moment, repository_def=repository
    ) as context:
        tick = schedule.evaluate_tick(context)
    (request,) = tick.run_requests or []
    config = request.run_config
    assert config == {"resources": {"warehouse": {"config": {"live": True}}}}
    # And the job understands it.
    understood = validate_run_config(repository.get_job("world_bank"), config)
    assert understood is not None
    assert understood["resources"]["warehouse"]["config"]["live"] is True


def test_the_inbox_starts_one_run_for_what_is_new(
    repository: RepositoryDefinition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPW_HOME", str(tmp_path))
    inbox = tmp_path / "raw" / "inbox" / "world_bank"
    sensor = repository.get_sensor_def("world_bank_inbox")
    cursor: str | None = None
    keys: list[str | None] = []

    def tick() -> int:
        """How many runs the sensor asks for now; it says why when none."""
        nonlocal cursor
        with build_sensor_context(cursor=cursor, repository_def=repository) as context:
            data = sensor.evaluate_tick(context)
        cursor = data.cursor
        requests = data.run_requests or []
        assert bool(requests) != bool(data.skip_message)
        keys.extend(request.run_key for request in requests)
        return len(requests)

    assert tick() == 0  # no inbox yet
    (inbox / "2013-12-18").mkdir(parents=True)
    assert tick() == 0
    (inbox / "readme.txt").write_text("not a payload")
    assert tick() == 0
    (inbox / "2013-12-18" / "patents.csv").write_text("a,b\n")
    assert tick() == 1
    assert tick() == 0
    (inbox / "population.csv").write_text("a,b\n")
    assert tick() == 1
    (inbox / "population.csv").write_text("a,b\n1,2\n")  # dropped again, with other content
    assert tick() == 1
    assert tick() == 0
    (inbox / "population.csv").unlink()  # a file that goes is nothing new
    assert tick() == 0
    assert len(set(keys)) == 3  # Dagster would drop a run whose key it has seen


# The whole job


def test_the_whole_job_makes_every_asset(whole: Whole, graph: AssetGraph) -> None:
    assert whole.first.success
    assert set(materialised(whole.first)) == graph.materializable_asset_keys


def test_raw_and_landed_assets_tell_rows_and_hashes(whole: Whole) -> None:
    made = materialised(whole.first)
    files = sorted(FIGURES.glob("*.csv"))
    raw = made[AssetKey(["raw", "official_releases"])]
    assert (raw["attempts"], raw["new"], raw["failed"]) == (len(files), len(files), 0)
    for file in files:
        table = file.stem.removesuffix("s")
        landed = made[AssetKey(["official_releases", table])]
        assert landed["dagster/row_count"] == lines(file)
        assert landed["raw_sha256"] == [hashlib.sha256(file.read_bytes()).hexdigest()]
    assert made[AssetKey(["world_bank", "observation"])]["dagster/row_count"] == 0


def test_every_check_was_run_and_passed(whole: Whole, graph: AssetGraph) -> None:
    results = {check.asset_check_key: check for check in whole.first.get_asset_check_evaluations()}
    assert set(results) == graph.asset_check_keys
    wrong = [
        k for k, c in results.items() if not c.passed and c.severity == AssetCheckSeverity.ERROR
    ]
    assert wrong == []
    for file in FIGURES.glob("*.csv"):
        key = AssetKey(["official_releases", file.stem.removesuffix("s")])
        told = results[AssetCheckKey(key, "rows_accounted")]
        assert told.blocking
        assert told.passed
        rows_in = told.metadata["rows_in"].value
        assert rows_in == lines(file)
        assert (told.metadata["accepted"].value, told.metadata["quarantined"].value) == (rows_in, 0)
    # What never landed is not late, and by how much it would be is unknown, not zero.
    fresh = results[AssetCheckKey(AssetKey(["world_bank", "observation"]), "fresh")]
    assert (fresh.passed, fresh.metadata["freshness"].value) == (True, "never")
    assert fresh.metadata["period_late_by_days"].value is None
    of_models = [k for k in results if k.asset_key.path[0] == "warehouse"]
    assert len({k.asset_key for k in of_models}) > 10


def test_the_published_asset_tells_what_is_served(whole: Whole) -> None:
    told = materialised(whole.first)[AssetKey(["published", "current"])]
    current = whole.home / "warehouse" / "current"
    assert current.resolve().name == told["build_id"]
    assert told["path"] == str(current / "ip_warehouse.duckdb")
    for table in ("mart_plan_scorecard", "fct_observation", "dim_plan"):
        (counted,) = rows(whole.home, f"select count(*) as n from {table}")  # noqa: S608
        assert told["rows"][table] == counted["n"] > 0


def test_nothing_new_makes_no_model_again(whole: Whole) -> None:
    assert whole.second.success
    made = materialised(whole.second)
    assert [key for key in made if key.path[0] in ("warehouse", "published")] == []
    raw = made[AssetKey(["raw", "official_releases"])]
    assert (raw["new"], raw["unchanged"]) == (0, raw["attempts"])
    assert made[AssetKey(["official_releases", "observation"])]["payloads_judged_now"] == 0
    assert len(list((whole.home / "warehouse" / "builds").iterdir())) == 1


# Failure


def test_a_failed_run_leaves_one_message(
    whole: Whole,
    repository: RepositoryDefinition,
    use_home: Callable[[Path], Path],
    tmp_path: Path,
) -> None:
    home = copy(whole.home, tmp_path / "home")
    # Rows of another source were deleted by hand: the job of this one must not publish without.
    landed = home / "warehouse" / "landed"
    lost = next(
        p for p in sorted((landed / "simulated_register").rglob("*.parquet")) if p.stem[0] != "_"
    )
    lost.unlink()
    use_home(home)
    try:
        with DagsterInstance.local_temp(str(tmp_path)) as instance:
            job = repository.get_job("official_releases")
            failed = job.execute_in_process(instance=instance, raise_on_error=False)
            assert not failed.success
            context = build_run_status_sensor_context(
                sensor_name="failed_run_message",
                dagster_instance=instance,
                dagster_run=failed.dagster_run,
                dagster_event=failed.get_run_failure_event(),
            )
            repository.get_sensor_def("failed_run_message")(context.for_run_failure())
    finally:
        use_home(whole.home)
    text = (home / "warehouse" / "last_failure.txt").read_text()
    assert failed.run_id in text
    assert "job official_releases failed" in text
    assert "- build:" in text
    assert f"not as their landing left them: {lost.relative_to(landed)}" in text
    assert "the last good build keeps serving" in text
    assert "`ipw run`" in text
    current = home / "warehouse" / "current"
    assert current.resolve().name == (whole.home / "warehouse" / "current").resolve().name
    assert rows(home, "select count(*) as n from mart_plan_scorecard")[0]["n"] > 0


def test_some_models_alone_are_refused(
    whole: Whole, repository: RepositoryDefinition, tmp_path: Path
) -> None:
    served = (whole.home / "warehouse" / "current").resolve()
    with DagsterInstance.local_temp(str(tmp_path)) as instance:
        result = repository.get_job("warehouse").execute_in_process(
            instance=instance,
            raise_on_error=False,
            asset_selection=[AssetKey(["warehouse", "dim_plan"])],
        )
    assert not result.success
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    assert "a build is made whole" in str(failure.step_failure_data.error_display_string)
    assert materialised(result) == {}
    assert (whole.home / "warehouse" / "current").resolve() == served
