"""Faults of disk, clock and hand, for real: each has one answer, and docs/runbook.md tells it.

A full disk and a read-only one are file systems mounted in a namespace of their own. Not here:
death (tests/faults/test_kill.py), sources that answer wrongly (tests/pipeline).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import tally
import warehouse_runs as wr
import whole
from victim import Victims, ready, victims

from pipelines import ingest, publish
from pipelines.landing import Landed
from pipelines.lock import writer
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.sources.official_releases import SOURCE

IPW = f"{sys.executable} -m pipelines.cli"
ANOTHER_DAY = {"IPW_EVALUATION_DATE": "2026-01-22"}
ROOM = "free space (fewer builds: IPW_KEEP_BUILDS; old logs: warehouse/logs), then `ipw run` again"
PLANS = "official_releases/plan/plans.parquet"
SHOWS = "select count(*) as n from mart_plan_scorecard"


@pytest.fixture(scope="module")
def victim() -> Iterator[Victims]:
    """Where processes die."""
    with victims() as running:
        yield running


@pytest.fixture
def home(published_home: Path, tmp_path: Path) -> Path:
    """A published home that the test may harm."""
    return wr.copy(published_home, tmp_path / "home")


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has landed the figures of the checkout. Read only."""
    home = tmp_path_factory.mktemp("landed")
    collect_and_land(home)
    return home


@pytest.fixture
def figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Figures that the test may edit; the source reads them."""
    folder = tmp_path / "figures"
    shutil.copytree(wr.FIGURES, folder)
    monkeypatch.setenv("IPW_OFFICIAL_RELEASES_BASE_URL", str(folder))
    return folder


@pytest.fixture
def spoilt(landed: Path, tmp_path: Path) -> Path:
    """A landed home that the test may harm."""
    return wr.copy(landed, tmp_path / "home")


def collect_and_land(home: Path) -> list[Landed]:
    """One source from its files to its rows, as a run does."""
    settings = Settings(home=home)
    with writer(settings):
        ingest.collect(SOURCE, settings, live=False)
        done = ingest.land(SOURCE, settings)
        ingest.describe_datasets(settings)
    return done


def mounted(script: str, home: Path, **environment: str) -> str:
    """What a shell says that may mount file systems, seen by it alone; both streams in order."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets no one mount a file system in a namespace")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-ec", script],
        env=wr.environment(home, **environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return " ".join(done.stdout.split())


# --- the disk ---------------------------------------------------------------------------------


def test_a_full_disk(published_home: Path, tmp_path: Path) -> None:
    """It says so, nothing is lost, the build serves; with room again, bytes are got."""
    small = tmp_path / "small"
    small.mkdir()
    size = sum(path.stat().st_size for path in published_home.rglob("*") if path.is_file())
    said = mounted(
        f"""
        mount -t tmpfs -o size={size + 2**23} tmpfs {small}
        cp -a {published_home}/. {small}/
        cp -a {wr.FIGURES} {small}/figures
        echo >> {small}/figures/plans.csv
        export IPW_HOME={small} IPW_OFFICIAL_RELEASES_BASE_URL={small}/figures
        dd if=/dev/zero of={small}/filler bs=4k 2>/dev/null || echo full
        {IPW} run && exit 1 || echo run: $?
        {IPW} fetch official_releases && exit 1 || echo fetch: $?
        {IPW} query --json "{SHOWS}"
        rm {small}/filler
        {IPW} fetch official_releases
        cp -a {small} {tmp_path}/after
        """,
        published_home,
    )
    run, _, rest = said.partition("run: 1")
    assert "full" in run
    assert ROOM in run
    assert f"still serving build {whole.serving(published_home)}" in run
    fetch, _, rest = rest.partition("fetch: 1")
    assert "No space left on device" in fetch
    assert ROOM in fetch
    assert '"n": ' in rest
    assert "1 stored, 7 unchanged, 0 incomplete, 0 failed" in rest
    whole.receipts_and_bytes_agree(tmp_path / "after")
    whole.builds_are_whole(tmp_path / "after")
    assert whole.hidden(tmp_path / "after") == []
    tally.count("faults of disk, clock, process and hand")


def test_a_file_that_may_grow_no_further(home: Path) -> None:
    """A quota met by dbt's build: the run says so, the last build serves."""
    limited = f"ulimit -f 16000 && exec {IPW} run"
    done = subprocess.run(
        ["sh", "-c", limited],
        env=wr.environment(home, **ANOTHER_DAY),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert ROOM in done.stderr
    assert "Nothing was published" in done.stdout
    whole.builds_are_whole(home)
    assert wr.rows(home, SHOWS)[0]["n"] > 50
    tally.count("faults of disk, clock, process and hand")


def test_a_read_only_disk(published_home: Path) -> None:
    """Nothing can be written, everything can be read."""
    home = published_home
    said = mounted(
        f"""
        mount --bind {home} {home}
        mount -o remount,ro,bind {home}
        {IPW} run && exit 1 || echo run: $?
        {IPW} fetch official_releases && exit 1 || echo fetch: $?
        {IPW} query --json "{SHOWS}"
        {IPW} status --json > /dev/null
        """,
        home,
    )
    run, _, rest = said.partition("run: 1")
    fetch, _, rest = rest.partition("fetch: 1")
    for words in (run, fetch):
        assert "Read-only file system" in words
        assert "let this user write below IPW_HOME" in words
    assert '"n": ' in rest
    tally.count("faults of disk, clock, process and hand")


# --- the clock --------------------------------------------------------------------------------


def test_the_clock_was_set_back_before_bytes_came(figures: Path, tmp_path: Path) -> None:
    """Bytes got while the clock stood in 2099 do not win over bytes that came after."""
    home = tmp_path / "home"
    collect_and_land(home)
    folder = home / "raw" / "receipts" / SOURCE.id
    for path in folder.glob("*/*.json"):
        receipt = json.loads(path.read_text())
        for moment in ("requested_at", "finished_at"):
            receipt[moment] = "2099" + receipt[moment][4:]
        (folder / f"2099{path.parent.name[4:]}").mkdir(exist_ok=True)
        (folder / f"2099{path.parent.name[4:]}" / f"2099{path.name[4:]}").write_text(
            json.dumps(receipt)
        )
        path.unlink()
    plans = (figures / "plans.csv").read_text(encoding="utf-8")
    title = plans.splitlines()[1].split(",")[1]
    (figures / "plans.csv").write_text(plans.replace(title, "Another title", 1), encoding="utf-8")
    collect_and_land(home)
    titles = pl.read_parquet(home / "warehouse" / "landed" / PLANS).row(0)
    assert "Another title" in titles
    attempts = list(RawStore(home / "raw").attempts(SOURCE.id))
    # In the order in which they came; each with the time that the clock showed.
    years = [attempt.requested_at[:4] for attempt in attempts]
    assert years == ["2099"] * 8 + [time.strftime("%Y", time.gmtime())] * 8
    assert collect_and_land(home) == []
    tally.count("faults of disk, clock, process and hand")


def test_the_clock_was_set_back_before_a_build(home: Path, victim: Victims) -> None:
    """The build published last is served, sorts last and outlives the one dated 2099."""
    settings = Settings(home=home)
    ahead = f"2099{whole.serving(home)[4:]}"
    (settings.builds / whole.serving(home)).rename(settings.builds / ahead)
    publish.switch(settings, ahead)
    keep = {"IPW_KEEP_BUILDS": "1", "IPW_GRACE_SECONDS": "0"}
    ready(home)
    victim.whole("release", home, keep)
    first = whole.serving(home)
    assert [path.name for path in settings.builds.iterdir()] == [first]
    assert first > ahead
    manifest = json.loads((settings.current / "manifest.json").read_text())
    assert manifest["built_at"][:4] == time.strftime("%Y", time.gmtime())
    ready(home)
    victim.whole("release", home, keep)
    assert [path.name for path in settings.builds.iterdir()] == [whole.serving(home)]
    assert whole.serving(home) > first
    tally.count("faults of disk, clock, process and hand")


# --- other processes --------------------------------------------------------------------------


def test_the_lock_of_a_dead_process_is_free(tmp_path: Path, victim: Victims) -> None:
    death = victim.run("hold", tmp_path, {}, seconds=0.5)
    assert death.signal is not None
    assert (tmp_path / "warehouse" / "held").exists()
    assert (tmp_path / "warehouse" / ".lock").exists()
    with writer(Settings(home=tmp_path, lock_seconds=0)):
        tally.count("faults of disk, clock, process and hand")


# --- hands ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["deleted", "cut off", "altered"])
def test_landed_rows_were_changed_by_hand(spoilt: Path, how: str) -> None:
    """They land again from the stored bytes, to the byte."""
    path = spoilt / "warehouse" / "landed" / PLANS
    before = whole.digest(path)
    match how:
        case "deleted":
            path.unlink()
        case "cut off":
            os.truncate(path, 500)
        case "altered":
            pl.read_parquet(path).head(3).write_parquet(path)
    assert [one.file for one in collect_and_land(spoilt)] == ["plans.csv"]
    assert whole.digest(path) == before
    assert collect_and_land(spoilt) == []
    tally.count("faults of disk, clock, process and hand")


@pytest.mark.parametrize(
    "place",
    [
        "operations/landing/official_releases__plans.parquet",
        "operations/finding/official_releases.parquet",
        "official_releases/plan/_schema.parquet",
        "operations/quarantine/_schema.parquet",
    ],
)
def test_what_the_landing_writes_beside_the_rows_was_cut_off(spoilt: Path, place: str) -> None:
    before = whole.landed_rows(spoilt)
    os.truncate(spoilt / "warehouse" / "landed" / place, 100)
    collect_and_land(spoilt)
    assert whole.landed_rows(spoilt) == before
    tally.count("faults of disk, clock, process and hand")


@pytest.mark.parametrize("how", ["deleted", "cut off"])
def test_a_raw_object_comes_back_with_its_bytes(spoilt: Path, how: str) -> None:
    """The checkout still has the file: it is stored again, under the same hash."""
    path = raw_object(spoilt, "plans.csv")
    before = path.read_bytes()
    os.truncate(path, 10) if how == "cut off" else path.unlink()
    assert collect_and_land(spoilt) == []
    assert path.read_bytes() == before
    tally.count("faults of disk, clock, process and hand")


@pytest.mark.parametrize("how", ["deleted", "altered"])
def test_a_raw_object_that_is_needed_is_damaged(spoilt: Path, how: str) -> None:
    """Its file is refused by name, the others land; put back, it lands."""
    path = raw_object(spoilt, "plans.csv")
    content = path.read_bytes()
    altered = content.replace(b"2", b"3", 1)
    path.unlink()
    if how == "altered":
        path.write_bytes(altered)
    rows = whole.landed_rows(spoilt)
    # All must be judged again, as after a change of the parser: their marks are others.
    for record in (spoilt / "warehouse" / "landed" / "operations" / "landing").glob("official_*"):
        pl.read_parquet(record).with_columns(mark=pl.lit("earlier")).write_parquet(record)
    settings = Settings(home=spoilt)
    done = {one.file: one for one in ingest.land(SOURCE, settings)}
    assert len(done) == 8
    assert done["plans.csv"].outcome == "refused"
    message = str(done["plans.csv"].message)
    assert message.startswith(f"raw object {path} {'is gone' if how == 'deleted' else 'was '}")
    assert "restore it from a backup" in message
    assert {one.outcome for one in done.values() if one.file != "plans.csv"} == {"landed"}
    path.write_bytes(content)
    assert [one.outcome for one in ingest.land(SOURCE, settings)] == ["landed"]
    assert whole.landed_rows(spoilt) == rows
    tally.count("faults of disk, clock, process and hand")


def raw_object(home: Path, name: str) -> Path:
    """Where the bytes of a file lie."""
    return next(
        RawStore(home / "raw").path(str(attempt.sha256))
        for attempt in RawStore(home / "raw").attempts(SOURCE.id)
        if attempt.name == name
    )


def test_a_receipt_was_cut_off(spoilt: Path) -> None:
    path = next((spoilt / "raw" / "receipts").rglob("*.json"))
    os.truncate(path, 40)
    with pytest.raises(ValueError, match=rf"receipt {path} cannot be read .* restore it"):
        collect_and_land(spoilt)
    done = wr.ipw(spoilt, "status")
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert str(path) in done.stderr
    tally.count("faults of disk, clock, process and hand")


def test_landed_rows_of_another_source_are_not_as_they_landed(home: Path) -> None:
    """A run of one source does not publish what a hand, or a death, left of another."""
    path = home / "warehouse" / "landed" / PLANS
    pl.read_parquet(path).head(3).write_parquet(path)
    before = whole.serving(home)
    done = wr.ipw(home, "run", "--source", "safe_bop")
    assert done.returncode == 1
    assert PLANS in done.stderr
    assert "run `ipw run` without --source" in done.stderr
    assert whole.serving(home) == before
    tally.count("faults of disk, clock, process and hand")


def test_the_served_build_is_damaged(home: Path, published_home: Path) -> None:
    """Each way to break what readers open is told; one `ipw run` makes the same marts again."""
    expected = whole.marts(published_home)
    broken = whole.serving(home)
    served = wr.served(home)
    os.truncate(served, 9_000_000)
    for size in (9_000_000, 100_000, 0):
        os.truncate(served, size)
        for command in (["query", SHOWS], ["scorecard"]):
            done = wr.ipw(home, *command)
            assert (done.returncode, "Traceback" in done.stderr) == (1, False)
            assert str(Path(broken) / served.name) in done.stderr
            assert "`ipw run` makes the build again" in done.stderr
    served.unlink()
    assert "run `ipw run` first" in wr.ipw(home, "query", SHOWS).stderr
    # Dagster's history is damaged too, and the file of one Parquet reader.
    history = home / ".dagster" / "history"
    history.mkdir(parents=True)
    (history / "runs.db").write_text("no database" * 100)
    done = wr.ipw(home, "run")
    assert done.returncode == 1
    assert "file is not a database; Dagster's history is damaged" in done.stderr
    assert "move the folder .dagster below IPW_HOME away" in done.stderr
    shutil.rmtree(home / ".dagster")
    day = json.loads((home / "warehouse" / "current" / "manifest.json").read_text())
    done = wr.ipw(home, "run", IPW_EVALUATION_DATE=day["evaluation_date"])
    assert done.returncode == 0, done.stderr
    assert f"the served build {broken} is damaged" in " ".join(done.stderr.split())
    assert whole.serving(home) > broken
    whole.build_is_whole((home / "warehouse" / "current").resolve())
    assert whole.marts(home) == expected
    tally.count("faults of disk, clock, process and hand", 5)


def test_the_pointer_leads_nowhere(home: Path, victim: Victims) -> None:
    link = home / "warehouse" / "current"
    link.unlink()
    link.symlink_to("builds/nowhere")
    assert "run `ipw run` first" in wr.ipw(home, "query", SHOWS).stderr
    (build,) = (home / "warehouse" / "builds").iterdir()
    publish.switch(Settings(home=home), build.name)
    assert wr.rows(home, SHOWS)[0]["n"] > 50
    tally.count("faults of disk, clock, process and hand")
