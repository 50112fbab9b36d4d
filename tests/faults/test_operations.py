"""What an operator asks and does: `ipw runs`, `ipw status` on late data, `ipw gc`."""

import datetime as dt
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import warehouse_runs as wr
import whole


def asked(home: Path, *arguments: str, **more: str) -> Any:
    """What a command says as JSON."""
    done = wr.ipw(home, *arguments, "--json", **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_runs_are_a_table(published_home: Path) -> None:
    newest, *_ = [run for run in asked(published_home, "runs") if run["status"] == "SUCCESS"]
    assert newest["build_id"] == whole.serving(published_home)
    assert newest["job"] == "warehouse"
    assert newest["error"] is None
    took = dt.datetime.fromisoformat(newest["ended_at"]) - dt.datetime.fromisoformat(
        newest["started_at"]
    )
    assert abs(took.total_seconds() - newest["seconds"]) <= 1


def test_data_is_late_by_its_period_too(world_bank_home: Path) -> None:
    """Figures of years: the next year ends a year later and may take 550 days more to appear."""
    told = {line["dataset"]: line for line in asked(world_bank_home, "status")}
    line = told["world_bank.observation"]
    year = int(line["period_to"])
    due = dt.date(year + 1, 12, 31) + dt.timedelta(days=550)
    days = (dt.datetime.now(dt.UTC).date() - due).days
    # The period's length is that of the year before: a leap year moves the day by one.
    assert abs(line["period_late_by_days"] - max(days, 0)) <= 1
    # Its releases come each quarter: after 200 days, the next is late.
    released = dt.date(2026, 1, 28) + dt.timedelta(days=200)
    assert line["late_by_days"] == max((dt.datetime.now(dt.UTC).date() - released).days, 0)
    late = bool(line["period_late_by_days"] or line["late_by_days"])
    assert line["freshness"] == ("late" if late else "fresh")
    assert told["safe_bop.royalty_flow"]["period_late_by_days"] is None
    # Official releases come when they come: they owe no period.
    assert told["official_releases.observation"]["period_late_by_days"] is None
    assert told["official_releases.observation"]["freshness"] == "fresh"


@pytest.fixture
def home(published_home: Path, tmp_path: Path) -> Path:
    """A published home with what nothing needs: planted, one of each kind."""
    home = wr.copy(published_home, tmp_path / "home")
    served = whole.serving(home)
    builds = home / "warehouse" / "builds"
    for name in ("20200101T000000Z-older", "20200102T000000Z-newer"):
        shutil.copytree(builds / served, builds / name)
        os.utime(builds / name, (0, 0))
    (builds / ".building-dead").mkdir()
    (home / "warehouse" / ".rebuilding-dead").mkdir()
    (home / "raw" / "objects" / "00").mkdir(exist_ok=True)
    (home / "raw" / "objects" / "00" / ("0" * 64)).write_bytes(b"never received")
    old = home / "warehouse" / "logs" / "20200101T000000Z-1.log"
    old.write_text("long ago")
    os.utime(old, (0, time.time() - 91 * 24 * 60 * 60))
    return home


def test_what_nothing_needs_goes_and_nothing_else(home: Path) -> None:
    served = whole.serving(home)
    keep = {"IPW_KEEP_BUILDS": "2", "IPW_GRACE_SECONDS": "0"}
    before = set(whole.shown(home, "*"))
    told = asked(home, "gc", "--dry-run", **keep)
    names = {Path(one["path"]).name for one in told}
    assert names == {
        "20200101T000000Z-older",
        ".building-dead",
        ".rebuilding-dead",
        "0" * 64,
        "20200101T000000Z-1.log",
    }
    assert set(whole.shown(home, "*")) == before
    assert {Path(one["path"]).name for one in asked(home, "gc", **keep)} == names
    gone = before - set(whole.shown(home, "*"))
    assert {path for path in gone if "20200101T000000Z-older" not in path.parts} == {
        home / "raw" / "objects" / "00" / ("0" * 64),
        home / "warehouse" / "logs" / "20200101T000000Z-1.log",
    }
    assert asked(home, "gc", **keep) == []
    # The bytes of every receipt, the kept builds and what is served are whole.
    whole.receipts_and_bytes_agree(home)
    whole.build_is_whole(home / "warehouse" / "builds" / served)
    for row in wr.rows(home, "select raw_sha256 from lineage.receipt"):
        sha256 = row["raw_sha256"]
        assert (home / "raw" / "objects" / sha256[:2] / sha256).exists()
