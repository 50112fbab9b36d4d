"""Dagster as `make dagster` starts it: web server, daemon and code location, with a run through it.

Here: what an operator does in the browser, over the same HTTP interface. Not here: what the job
does step by step (test_dagster.py).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from warehouse_runs import environment, rows

from pipelines import build
from pipelines.runner import prepare_dagster
from pipelines.settings import CHECKOUT, Settings

STARTS_WITHIN = 120.0
RUNS_WITHIN = 180.0

GRAPH = """
{ assetNodes { assetKey { path } groupName } }
"""
LOCATION = """
{ repositoriesOrError { ... on RepositoryConnection { nodes {
    name location { name }
    jobs { name } schedules { name } sensors { name sensorState { status } }
} } } }
"""
HEALTH = """
{ instance { daemonHealth { allDaemonStatuses { daemonType required healthy } } } }
"""
LAUNCH = """
mutation ($selector: JobOrPipelineSelector!) {
  launchRun(executionParams: {selector: $selector, mode: "default"}) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
RUN = """
query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }
"""
CHECKS = """
query ($id: ID!) { runOrError(runId: $id) { ... on Run { assetChecks { name } } } }
"""


class Dagster(NamedTuple):
    """A running Dagster and the home that it works on."""

    home: Path
    url: str
    log: Path

    def ask(self, query: str, **variables: Any) -> Any:
        """The data that a GraphQL query gives."""
        body = {"query": query, "variables": variables}
        answer = requests.post(f"{self.url}/graphql", json=body, timeout=60)
        answer.raise_for_status()
        content = answer.json()
        assert "errors" not in content, content
        return content["data"]

    def wait(self, what: Callable[[], Any], seconds: float) -> Any:
        """What a question gives as soon as it gives something."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := what():
                return found
            time.sleep(0.3)
        pytest.fail(f"nothing within {seconds} s; the log ends:\n{self.log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dagster]:
    """`dagster dev` on an empty home and a free port, until the end of the module."""
    home = tmp_path_factory.mktemp("operated")
    build.ensure_manifest()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", "")  # restored afterwards
        dagster_home = prepare_dagster(Settings(home=home))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = home / "dagster.log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-p", str(port)],
            cwd=CHECKOUT,
            env=environment(home, DAGSTER_HOME=str(dagster_home)),
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = Dagster(home, f"http://127.0.0.1:{port}", log)
    try:
        running.wait(lambda: _answers(running, process), STARTS_WITHIN)
        yield running
    finally:
        _end(process)


def _answers(dagster: Dagster, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, dagster.log.read_text()
    try:
        return requests.get(f"{dagster.url}/server_info", timeout=10).ok
    except requests.ConnectionError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to end, then make it."""
    for what, seconds in ((signal.SIGINT, 20), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, what)
            process.wait(seconds)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


@pytest.fixture(scope="module")
def location(dagster: Dagster) -> dict[str, Any]:
    """The one code location, as the web server shows it."""
    (found,) = dagster.ask(LOCATION)["repositoriesOrError"]["nodes"]
    assert isinstance(found, dict)
    return found


def test_the_web_server_shows_the_graph(dagster: Dagster) -> None:
    groups: dict[str, set[str]] = {}
    for node in dagster.ask(GRAPH)["assetNodes"]:
        groups.setdefault(node["groupName"], set()).add("/".join(node["assetKey"]["path"]))
    assert {"raw/official_releases", "raw/world_bank"} <= groups["raw"]
    assert {"official_releases/target", "world_bank/observation"} <= groups["landed"]
    marts = {path.stem for path in (CHECKOUT / "dbt_project/models/marts").rglob("*.sql")}
    assert groups["marts"] == {f"warehouse/{mart}" for mart in marts}
    assert groups["published"] == {"published/current"}
    assert {"staging", "intermediate"} <= set(groups)


def test_it_offers_jobs_schedules_and_sensors(location: dict[str, Any]) -> None:
    names = {kind: {one["name"] for one in location[kind]} for kind in ("jobs", "schedules")}
    assert {"warehouse", "official_releases", "world_bank"} <= names["jobs"]
    assert "world_bank_quarterly" in names["schedules"]
    states = {one["name"]: one["sensorState"]["status"] for one in location["sensors"]}
    # Whoever starts Dagster hears of failures at once; watching the inbox is a person's choice.
    assert states["failed_run_message"] == "RUNNING"
    assert states["world_bank_inbox"] == "STOPPED"


def test_the_job_runs_through_the_daemon(dagster: Dagster, location: dict[str, Any]) -> None:
    selector = {
        "repositoryName": location["name"],
        "repositoryLocationName": location["location"]["name"],
        "jobName": "warehouse",
    }
    assert not (dagster.home / "warehouse" / "current").exists()
    launched = dagster.ask(LAUNCH, selector=selector)["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    run_id = launched["run"]["runId"]

    def ended() -> str | None:
        status: str = dagster.ask(RUN, id=run_id)["runOrError"]["status"]
        return status if status in ("SUCCESS", "FAILURE", "CANCELED") else None

    assert dagster.wait(ended, RUNS_WITHIN) == "SUCCESS", dagster.log.read_text()[-3000:]
    assert (dagster.home / "warehouse" / "current").is_symlink()
    # Issue 2: indicator 1 of the plan is met, with 16 in 2025.
    assert rows(
        dagster.home,
        "select status, latest_value from mart_plan_scorecard "
        "where plan_id = 'NAT-IP-FYP14' and indicator_no = 1",
    ) == [{"status": "met", "latest_value": 16.0}]
    checks = dagster.ask(CHECKS, id=run_id)["runOrError"]["assetChecks"]
    assert "rows_accounted" in {check["name"] for check in checks}


def test_every_daemon_that_is_needed_is_well(dagster: Dagster) -> None:
    def well() -> bool:
        daemons = dagster.ask(HEALTH)["instance"]["daemonHealth"]["allDaemonStatuses"]
        needed = [daemon for daemon in daemons if daemon["required"]]
        kinds = {daemon["daemonType"] for daemon in needed}
        assert {"SCHEDULER", "SENSOR", "QUEUED_RUN_COORDINATOR"} <= kinds
        return all(daemon["healthy"] for daemon in needed)

    assert dagster.wait(well, 60)
