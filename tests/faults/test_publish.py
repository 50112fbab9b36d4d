"""Publishing under fire: what readers see when a check fails, a run dies, or two run at once.

Real runs of the command line and real readers in other processes. Not here: the figures.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest
import tally
import warehouse_runs as wr
import whole

from pipelines import build, publish
from pipelines.lock import writer
from pipelines.settings import CHECKOUT, Settings

ANOTHER_DAY = "2026-01-22"
TwoAtOnce = tuple[Path, list[subprocess.CompletedProcess[str]], float]
OLD_DUCKDB = CHECKOUT / ".venv" / "duckdb-1.4"


def builds(home: Path) -> list[str]:
    """What lies among the builds, unfinished ones too."""
    return sorted(path.name for path in (home / "warehouse" / "builds").iterdir())


def current(home: Path) -> str:
    """The id of the served build."""
    return (home / "warehouse" / "current").resolve().name


def manifest(home: Path) -> dict[str, Any]:
    """What the served build says of itself."""
    content: dict[str, Any] = json.loads(
        (home / "warehouse" / "current" / "manifest.json").read_text()
    )
    return content


def flat(done: subprocess.CompletedProcess[str]) -> str:
    """All that a person reads, without line breaks of the terminal."""
    return " ".join((done.stdout + done.stderr).split())


def same_as_manifest(home: Path) -> None:
    """Every byte that is served is the one that was published."""
    folder = home / "warehouse" / "current"
    content = manifest(home)
    assert content["build_id"] == current(home)
    files = [content["database"], *(table["parquet"] for table in content["tables"].values())]
    for file in files:
        digest = hashlib.sha256((folder / file["file"]).read_bytes()).hexdigest()
        assert digest == file["sha256"], file["file"]


@pytest.fixture
def home(published_home: Path, tmp_path: Path) -> Path:
    """A published home that the test may change."""
    return wr.copy(published_home, tmp_path / "home")


@pytest.fixture
def as_before(published_home: Path) -> dict[str, str]:
    """The day as of which the published home judges plans, also when midnight has passed."""
    return {"IPW_EVALUATION_DATE": manifest(published_home)["evaluation_date"]}


# --- what is published ------------------------------------------------------------------------


def test_manifest_tells_the_truth(published_home: Path) -> None:
    same_as_manifest(published_home)
    content = manifest(published_home)
    folder = published_home / "warehouse" / "current"
    with duckdb.connect(str(wr.served(published_home)), read_only=True) as connection:
        served = connection.execute(
            "select table_name from duckdb_tables where schema_name = 'main'"
        ).fetchall()
        assert {name for (name,) in served} == set(content["tables"])
        for name, table in content["tables"].items():
            stored = connection.table(name)
            exported = connection.read_parquet(str(folder / table["parquet"]["file"]))
            assert (stored.columns, stored.types) == (exported.columns, exported.types)
            assert stored.count("*").fetchall() == [(table["rows"],)], name
            assert stored.except_(exported).fetchall() == [], name
            assert exported.except_(stored).fetchall() == [], name
            assert exported.count("*").fetchall() == [(table["rows"],)], name
    assert content["tables"]["mart_plan_scorecard"]["rows"] > 50
    landed = published_home / "warehouse" / "landed"
    assert content["inputs"]["landed"] == {
        str(path.relative_to(landed)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in landed.rglob("*.parquet")
    }
    assert content["versions"]["duckdb"] == duckdb.__version__


def test_duckdb_1_4_reads_it(published_home: Path) -> None:
    """Tables, comments and the scorecard, in the DuckDB that analysts' tools still carry."""
    if not (OLD_DUCKDB / "duckdb").exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{OLD_DUCKDB} is missing: `make test` installs it")
        pytest.skip("DuckDB 1.4 is not here: `make test` installs it")
    script = """
import duckdb, json, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
ask = lambda sql: connection.execute(sql).fetchall()
print(json.dumps({
    "version": duckdb.__version__,
    "tables": {name: ask(f'select count(*) from main."{name}"')[0][0] for name, in ask(
        "select table_name from duckdb_tables where schema_name = 'main'")},
    "silent": ask("select table_name, column_name from duckdb_columns() "
                  "where schema_name = 'main' and not internal and coalesce(comment, '') = ''"),
    "scorecard": ask("select indicator_no, status from mart_plan_scorecard where indicator_no "
                     "notnull and plan_id = 'NAT-IP-FYP14' order by all"),
}))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(wr.served(published_home))],
        env={**os.environ, "PYTHONPATH": str(OLD_DUCKDB)},
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(done.stdout)
    assert seen["version"].startswith("1.4.")
    assert seen["silent"] == []
    tables = manifest(published_home)["tables"]
    assert seen["tables"] == {name: table["rows"] for name, table in tables.items()}
    assert [tuple(row) for row in seen["scorecard"]][:2] == [(1, "met"), (2, "not_yet_reported")]


# --- runs -------------------------------------------------------------------------------------


def test_second_run_publishes_nothing(home: Path, as_before: dict[str, str]) -> None:
    before = (builds(home), current(home), manifest(home))
    begun = time.monotonic()
    done = wr.ipw(home, "run", **as_before)
    print(f"second run: {time.monotonic() - begun:.1f} s")
    assert done.returncode == 0, flat(done)
    assert "Nothing changed" in flat(done)
    assert current(home) in flat(done)
    assert (builds(home), current(home), manifest(home)) == before


def test_a_failed_check_publishes_nothing(home: Path, tmp_path: Path) -> None:
    """A plan for an area that no list knows: good by its contract, refused by the build's tests."""
    figures = tmp_path / "figures"
    figures.mkdir()
    for path in wr.FIGURES.glob("*.csv"):
        content = path.read_text(encoding="utf-8")
        if path.name == "plans.csv":
            assert content.count(",national,CHN,") > 1
            content = content.replace(",national,CHN,", ",national,CN-ZZ,", 1)
        (figures / path.name).write_text(content, encoding="utf-8")
    before = current(home)
    done = wr.ipw(home, "run", IPW_OFFICIAL_RELEASES_BASE_URL=str(figures))
    assert done.returncode == 1
    assert "Nothing was published" in flat(done)
    assert f"still serving build {before}" in flat(done)
    # It names the table, the column and the rule.
    assert "relationships_dim_plan_ref_area__ref_area__ref_dim_ref_area_" in flat(done)
    assert current(home) == before
    assert [name for name in builds(home) if name[0] != "."] == [before]
    same_as_manifest(home)
    assert wr.rows(home, "select count(*) as n from dim_plan where ref_area = 'CN-ZZ'")[0]["n"] == 0


@pytest.fixture(scope="module")
def two_at_once(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> TwoAtOnce:
    """Two runs that were started together on a published home, undisturbed but by each other."""
    home = wr.copy(published_home, tmp_path_factory.mktemp("two") / "home")
    begun = time.monotonic()
    both = [wr.start(home, "run", IPW_EVALUATION_DATE=ANOTHER_DAY) for _ in range(2)]
    ends = [
        subprocess.CompletedProcess(p.args, p.returncode, *output)
        for p in both
        for output in [p.communicate(timeout=900)]
    ]
    return home, ends, time.monotonic() - begun


def test_killed_in_the_middle_of_the_build(home: Path, two_at_once: TwoAtOnce) -> None:
    """kill -9 while dbt writes, and at any moment: readers keep the old build, all of it; the next
    run makes what an undisturbed one makes."""
    before = current(home)
    folder = home / "warehouse" / "builds"
    latest = two_at_once[2] / 2  # well before a run publishes
    moments = [random.uniform(0.5, latest) for _ in range(10 if tally.TORTURE else 0)]  # noqa: S311
    for moment in [None, *moments]:
        running = wr.start(home, "run", IPW_EVALUATION_DATE=ANOTHER_DAY)
        deadline = time.monotonic() + (120 if moment is None else moment)
        while moment or not any(
            path.stat().st_size > 2**20 for path in folder.glob(".building-*/*.duckdb*")
        ):
            assert running.poll() is None or moment, running.communicate()
            if time.monotonic() > deadline:
                assert moment
                break
            time.sleep(0.01)
        os.kill(running.pid, signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL
        assert current(home) == before, "a moment after the build was published proves nothing"
        same_as_manifest(home)
        assert wr.rows(home, "select distinct plan_id from mart_plan_scorecard")
        tally.count("moments killed while it built", 1)

    # dbt may still be at work on the dead run's file: the next run must not mind.
    done = wr.ipw(home, "run", IPW_EVALUATION_DATE=ANOTHER_DAY, IPW_KEEP_BUILDS="1",
                  IPW_GRACE_SECONDS="0")  # fmt: skip
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    assert done.returncode == 0, flat(done)
    assert "Published build" in flat(done)
    assert builds(home) == [current(home)] != [before]
    same_as_manifest(home)
    (row,) = wr.rows(home, "select distinct evaluation_date as day from mart_plan_scorecard")
    assert row["day"].isoformat() == ANOTHER_DAY
    assert whole.marts(home) == whole.marts(two_at_once[0])


def test_two_runs_at_once(published_home: Path, two_at_once: TwoAtOnce) -> None:
    """One builds while the other waits; then there is nothing left to do."""
    home, ends, _ = two_at_once
    before = current(published_home)
    assert [end.returncode for end in ends] == [0, 0], [flat(end) for end in ends]
    said = [flat(end) for end in ends]
    assert sum("Published build" in text for text in said) == 1, said
    assert sum("Nothing changed" in text for text in said) == 1, said
    assert sum("another run is writing" in text for text in said) == 1, said
    assert len(builds(home)) == 2
    assert set(builds(home)) == {before, current(home)} != {before}
    same_as_manifest(home)


def test_a_writer_that_never_ends(home: Path) -> None:
    """A run gives up after IPW_LOCK_SECONDS and says why."""
    before = current(home)
    with writer(Settings(home=home)):
        done = wr.ipw(home, "run", IPW_LOCK_SECONDS="0")
    assert done.returncode == 1
    assert "another run has been writing" in flat(done)
    assert current(home) == before


# --- switching and keeping --------------------------------------------------------------------

#: Reads a served file again and again, each time in a new connection: what day the scorecard is
#: judged on and what the mark says, one line an answer, until the file named second exists.
READER = """
import duckdb, sys
from pathlib import Path
while not Path(sys.argv[2]).exists():
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        days = connection.execute("select distinct evaluation_date from mart_plan_scorecard")
        days = days.fetchall()
        marks = connection.execute("select distinct place from fct_plan_target").fetchall()
        print(*(str(day) for day, in days), len(marks) == 1, flush=True)
"""


def test_readers_never_see_two_builds_at_once(home: Path, tmp_path: Path) -> None:
    settings = Settings(home=home)
    first = current(home)
    day = manifest(home)["evaluation_date"]
    second = "29990101T000000Z-second"
    wr.copy(settings.builds / first, settings.builds / second)
    with duckdb.connect(str(settings.builds / second / build.DATABASE)) as other:
        other.execute("update mart_plan_scorecard set evaluation_date = date '1999-12-31'")
        other.execute("update fct_plan_target set place = 'second'")
    stop = tmp_path / "stop"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(settings.served), str(stop)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers: Counter[str] = Counter()

    def hear() -> None:
        for reader in readers:
            assert reader.stdout
            answers[reader.stdout.readline().strip()] += 1

    hear()
    for turn in range(20):
        publish.switch(settings, second if turn % 2 == 0 else first)
        hear()
        hear()
    stop.touch()
    for reader in readers:
        out, err = reader.communicate(timeout=60)
        assert (reader.returncode, err) == (0, "")
        answers.update(out.split("\n")[:-1])
    # Each answer is of one build: its day with its mark.
    assert set(answers) == {f"{day} False", "1999-12-31 True"}
    assert current(home) == first


def test_old_builds_go_but_never_the_served_one(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, keep_builds=3, grace_seconds=0)
    start = dt.datetime(2026, 11, 1, 23, 59, 58, tzinfo=dt.UTC)
    names = [
        build.new_build_id(f"{9 - n}" * 64, start + dt.timedelta(seconds=n * 3)) for n in range(7)
    ]
    for name in names:
        (settings.builds / name / "parquet").mkdir(parents=True)
    (settings.builds / ".building-now").mkdir()
    publish.switch(settings, names[1])
    assert publish.retire(settings) == [names[0], names[2], names[3]]
    assert builds(tmp_path) == [".building-now", names[1], *names[4:]]
    assert publish.retire(settings) == []


def test_a_build_outlives_its_turn_for_readers_who_found_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, keep_builds=1, grace_seconds=60)
    names = [f"20260101T00000{n}Z-x" for n in range(3)]
    for name in names:
        (settings.builds / name).mkdir(parents=True)
        os.utime(settings.builds / name, (0, 0))  # made long ago
    for name in names[:2]:
        publish.switch(settings, name)
    # The first has just ceased to be the current one; the third never was.
    publish.switch(settings, names[2])
    assert publish.retire(settings) == []
    os.utime(settings.builds / names[0], (time.time() - 61,) * 2)
    assert publish.retire(settings) == [names[0]]
    assert builds(tmp_path) == names[1:]
