"""`ipw rebuild` makes a published build again from receipts and stored bytes; differences are told.

What is compared is read here from the manifests. Not here: flipped bits (test_verify.py).
"""

import json
import os
import shutil
from pathlib import Path

import pytest
import warehouse_runs as wr
import whole

from pipelines import publish
from pipelines.lock import writer
from pipelines.settings import Settings


def test_a_build_is_made_again_from_what_is_stored(world_bank_home: Path, tmp_path: Path) -> None:
    """Also when it is gone and the inbox empty by then: nothing but its manifest, receipts and
    objects is read."""
    world_bank_home = wr.copy(world_bank_home, tmp_path / "home")
    shutil.rmtree(world_bank_home / "raw" / "inbox")
    settings = Settings(home=world_bank_home, keep_builds=1, grace_seconds=0)
    old = settings.current.resolve()
    manifest = json.loads((old / "manifest.json").read_text(encoding="utf-8"))
    shutil.copytree(old, old.with_name("20990101T000000Z-another"))
    publish.switch(settings, "20990101T000000Z-another")
    os.utime(old, (0, 0))
    assert publish.retire(settings) == [old.name]
    assert not old.exists()

    before = {path: whole.digest(path) for path in whole.shown(world_bank_home, "*")}
    done = wr.ipw(world_bank_home, "rebuild", "--build", old.name, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    # All but the records of when things landed.
    landed = [n for n in manifest["inputs"]["landed"] if not n.startswith("operations/landing/")]
    assert found["wrong"] == []
    assert found["build_id"] == manifest["build_id"]
    assert found["tables"] == len(manifest["tables"]) > 30
    assert found["landed"] == len(landed) > 20
    # What is served, and every stored byte, stays as it was.
    assert {path: whole.digest(path) for path in whole.shown(world_bank_home, "*")} == before

    kept = settings.retired / old.name / "manifest.json"
    kept.write_bytes(kept.read_bytes() + b" ")
    done = wr.ipw(world_bank_home, "rebuild", "--build", old.name)
    assert done.returncode == 1
    assert f"build {old.name} is damaged" in " ".join(done.stderr.split())


@pytest.fixture
def home(published_home: Path, tmp_path: Path) -> Path:
    """A published home that the test may harm."""
    return wr.copy(published_home, tmp_path / "home")


def test_bytes_that_are_gone_are_told(home: Path) -> None:
    [row] = wr.rows(home, "select raw_sha256 from lineage.receipt where name = 'plans.csv'")
    sha256 = row["raw_sha256"]
    (home / "raw" / "objects" / sha256[:2] / sha256).unlink()
    done = wr.ipw(home, "rebuild")
    assert done.returncode == 1
    assert f"{sha256}isgone" in "".join(done.stderr.split())


def test_a_rebuild_waits_for_a_run(home: Path) -> None:
    with writer(Settings(home=home)):
        done = wr.ipw(home, "rebuild", IPW_LOCK_SECONDS="0")
    assert done.returncode == 1
    assert "another run has been writing" in " ".join(done.stderr.split())


def test_another_project_is_told_not_compared(home: Path) -> None:
    """The build was made by models that this checkout does not have."""
    folder = (home / "warehouse" / "current").resolve()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["inputs"]["dbt"]["models/marts/core/dim_plan.sql"] = "0" * 64
    manifest["revision"] = "abc123"
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "manifest.sha256").write_text(whole.digest(folder / "manifest.json"))
    done = wr.ipw(home, "rebuild", "--build", folder.name)
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "models/marts/core/dim_plan.sql" in said
    assert "check out revision abc123" in said
    assert "no build" in wr.ipw(home, "rebuild", "--build", "../..").stderr
