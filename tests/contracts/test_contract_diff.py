"""Which changes of a contract break a reader, and that none slips by without a version.

Documents are the committed ones with one thing edited; commands run from a copy of the checkout.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import warehouse_runs as wr
import yaml

from pipelines.contract_diff import changes, read
from pipelines.settings import CHECKOUT

ODCS = CHECKOUT / "contracts" / "odcs"
TARGET = "official_releases.target.odcs.yaml"
Edit = Callable[[list[dict[str, Any]]], object]


def named(columns: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The column of that name."""
    return next(column for column in columns if column["name"] == name)


def edited(folder: Path, edit: Edit, version: str = "1.0.0") -> Path:
    """The committed documents, one of them with its columns edited."""
    shutil.copytree(ODCS, folder)
    document = yaml.safe_load((folder / TARGET).read_text("utf-8"))
    edit(document["schema"][0]["properties"])
    document["version"] = version
    (folder / TARGET).write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return folder


def unit_of_target(columns: list[dict[str, Any]], unit: str) -> None:
    column = named(columns, "target_value")
    column["customProperties"] = [{"property": "unit", "value": unit}]


@pytest.mark.parametrize(
    ("edit", "column", "says", "is_breaking"),
    [
        (lambda c: c.remove(named(c, "operator")), "operator", "gone", True),
        (lambda c: named(c, "operator").update(name="sign"), "operator", "renamed to sign", True),
        (
            lambda c: named(c, "target_value").update(physicalType="VARCHAR"),
            "target_value", "type DOUBLE is now VARCHAR", True,
        ),
        (lambda c: named(c, "indicator_id").update(required=False), "indicator_id", "may be", True),
        (lambda c: named(c, "target_value").update(required=True), "target_value", "never", False),
        (lambda c: unit_of_target(c, "years"), "target_value", "unit None is now 'years'", True),
        (
            lambda c: named(c, "ref_area").update(primaryKey=None, primaryKeyPosition=None),
            None, "is now (plan_id, indicator_id, target_period", True,
        ),
        (
            lambda c: c.append({"name": "more", "physicalType": "VARCHAR", "required": False}),
            "more", "new", False,
        ),
        (lambda c: c.append(c.pop(0)), None, "another order", False),
        (lambda c: named(c, "place").update(description="!"), "place", "other words", False),
        (
            lambda c: named(c, "indicator_no").update(customProperties=[]),
            "indicator_no", "rules ['≥ 1'] are now None", False,
        ),
    ],
)  # fmt: skip
def test_a_change_is_told_and_weighed(
    tmp_path: Path, edit: Edit, column: str | None, says: str, is_breaking: bool
) -> None:
    found = changes(read(ODCS), read(edited(tmp_path / "new", edit)))
    assert [(one.column, one.is_breaking) for one in found] == [(column, is_breaking)]
    assert says in found[0].what
    assert found[0].is_refused is is_breaking


def test_codes_that_come_and_go_break_no_one(tmp_path: Path) -> None:
    def edit(columns: list[dict[str, Any]]) -> None:
        told = {p["property"]: p for p in named(columns, "operator")["customProperties"]}
        told["allowedValues"]["value"] = ["ge", "gt", "le", "about"]

    found = changes(read(ODCS), read(edited(tmp_path / "new", edit)))
    assert [one.what for one in found] == ["codes new: about", "codes no longer allowed: lt"]
    assert not any(one.is_breaking for one in found)


@pytest.mark.parametrize(("version", "is_refused"), [("1.9.0", True), ("2.0.0", False)])
def test_a_new_major_version_says_that_readers_break(
    tmp_path: Path, version: str, is_refused: bool
) -> None:
    new = edited(tmp_path / "new", lambda c: c.pop(), version)
    [change] = changes(read(ODCS), read(new))
    assert (change.is_breaking, change.is_refused) == (True, is_refused)
    (new / TARGET).unlink()
    [gone] = changes(read(ODCS), read(new))
    assert gone.is_refused


def test_nothing_is_generated_from_a_contract_that_breaks_readers(tmp_path: Path) -> None:
    for folder in ("pipelines", "contracts", "docs"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder)

    def ipw(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *arguments],
            cwd=tmp_path, env=wr.environment(tmp_path), capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert ipw("contracts", "diff").returncode == 0
    path = tmp_path / "contracts" / "safe_bop.py"
    text = path.read_text("utf-8")
    renamed = text.replace("    sheet: str", "    tab: str")
    path.write_text(renamed, "utf-8")
    assert renamed != text
    document = tmp_path / "contracts" / "odcs" / "safe_bop.royalty_flow.odcs.yaml"
    before = document.read_bytes()
    done = ipw("contracts", "diff", "--json")
    assert done.returncode == 1
    told = {one["what"]: one["is_refused"] for one in json.loads(done.stdout)}
    assert told["renamed to tab"] is True
    refused = ipw("generate")
    assert refused.returncode == 1
    assert "safe_bop.royalty_flow sheet: renamed to tab" in " ".join(refused.stderr.split())
    assert document.read_bytes() == before

    # Documents edited with the code, or thrown away and made anew, hide nothing from git.
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    path.write_text(text, "utf-8")
    git("init", "-q")
    git("add", "contracts")
    git("commit", "-qm", "as published")
    assert ipw("contracts", "diff").returncode == 0
    path.write_text(renamed, "utf-8")
    document.unlink()
    assert ipw("generate").returncode == 0
    git("commit", "-qam", "a column renamed, and nobody told")
    done = ipw("contracts", "diff")
    assert done.returncode == 1
    assert "renamed to tab" in " ".join(done.stdout.split())
    path.write_text(renamed.replace("terms(", 'terms(version="2.0.0", ', 1), "utf-8")
    assert ipw("generate").returncode == 0
    git("commit", "-qam", "and said")
    assert ipw("contracts", "diff").returncode == 0
