"""`ipw verify` finds one flipped bit anywhere; `ipw diff` tells builds apart."""

import json
import random
import shutil
from pathlib import Path

import duckdb
import pytest
import warehouse_runs as wr


def flip(path: Path, at: int) -> None:
    """Turn one bit of a file around."""
    content = bytearray(path.read_bytes())
    content[at // 8 % len(content)] ^= 1 << at % 8
    path.chmod(0o644)
    path.write_bytes(content)


def test_a_whole_home_is_whole(published_home: Path) -> None:
    done = wr.ipw(published_home, "verify", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    held = sum(1 for p in (published_home / "raw" / "objects").rglob("*") if p.is_file())
    assert found["files"] > held > 0
    assert found["wrong"] == []


@pytest.mark.parametrize(
    "where",
    [
        "raw/objects/*/*",
        "raw/receipts/*/*/*.json",
        "warehouse/builds/*/ip_warehouse.duckdb",
        "warehouse/builds/*/parquet/*.parquet",
        "warehouse/builds/*/manifest.json",
        "warehouse/landed/official_releases/observation/observations.parquet",
        "warehouse/landed/official_releases/observation/_schema.parquet",
        "warehouse/landed/operations/finding/official_releases.parquet",
    ],
)
def test_one_flipped_bit_is_found(published_home: Path, tmp_path: Path, where: str) -> None:
    home = wr.copy(published_home, tmp_path / "home")
    draw = random.Random(where)  # noqa: S311 - a draw, no secret
    path = draw.choice(sorted(p for p in home.glob(where) if p.is_file()))
    flip(path, draw.randrange(8 * path.stat().st_size))
    done = wr.ipw(home, "verify")
    assert done.returncode == 1
    assert path.name in "".join((done.stdout + done.stderr).split())


def test_a_figure_that_changed_is_told_between_two_builds(
    published_home: Path, tmp_path: Path
) -> None:
    home = wr.copy(published_home, tmp_path / "home")
    [before] = [p.name for p in (home / "warehouse" / "builds").iterdir() if p.name[0] != "."]
    same = json.loads(wr.ipw(home, "diff", before, before, "--json").stdout)
    assert (same["counts"]["added"], same["counts"]["changed"], same["tables"]) == (0, 0, {})
    builds = home / "warehouse" / "builds"
    shutil.copytree(builds / before, builds / "20990101T000000Z-another")
    facts = builds / "20990101T000000Z-another" / "parquet" / "fct_observation.parquet"
    with duckdb.connect() as memory:
        memory.execute("create table fact as from read_parquet(?)", [str(facts)])
        change, remove = memory.execute(
            "select rowid from fact where obs_value is not null order by rowid limit 2"
        ).fetchall()
        memory.execute(
            "insert into fact select * replace ('1066' as time_period) from fact limit 3"
        )
        memory.execute("update fact set obs_value = obs_value + 1 where rowid = ?", change)
        memory.execute("delete from fact where rowid = ?", remove)
        memory.table("fact").write_parquet(str(facts))
    done = wr.ipw(home, "diff", before, "20990101T000000Z-another", "--json")
    counts = json.loads(done.stdout)["counts"]
    [rows] = wr.rows(published_home, "select count(*) as n from fct_observation")
    assert counts == {"added": 3, "removed": 1, "changed": 1, "equal": rows["n"] - 2}
    unknown = wr.ipw(home, "diff", "../..", before)
    assert unknown.returncode == 1
    assert "no build" in unknown.stderr
