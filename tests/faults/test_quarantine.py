"""`ipw quarantine`: rows kept out are listed, shown, and judged again once a contract is mended.

The mended contract is a copy of the checkout whose file was edited; the commands run from there.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import warehouse_runs as wr

from pipelines.settings import CHECKOUT

SOURCE = ("--source", "official_releases")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The program's code, where the test may edit it."""
    copied = tmp_path / "checkout"
    for folder in ("pipelines", "contracts"):
        shutil.copytree(CHECKOUT / folder, copied / folder)
    return copied


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    """The carried figures, with a unit that nobody knows and a qualifier that nobody knows."""
    folder = Path(shutil.copytree(wr.FIGURES, tmp_path / "figures"))
    path = folder / "observations.csv"
    rows = wr.read_csv(path)
    rows[3]["unit_as_published"] = "gizmos"
    rows[5]["qualifier"] = "perhaps"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_rows_kept_out_land_once_the_contract_is_mended(
    checkout: Path, figures: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"

    def ipw(*arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", *arguments, "--json"],
            cwd=checkout,
            env=wr.environment(home, IPW_OFFICIAL_RELEASES_BASE_URL=str(figures)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    ipw("fetch", "official_releases")
    first = ipw("quarantine", "replay", *SOURCE)
    [table] = first["tables"]
    assert (table["table_name"], table["left"], table["stayed"]) == ("observation", 0, 0)
    assert table["more"] == 2

    listed = ipw("quarantine", "list")
    assert {(one["file"], one["rows"]) for one in listed} == {("observations.csv", 1)}
    shown = ipw("quarantine", "show", *SOURCE)
    # Lines of the file: the header is the first.
    by_row = {one["raw_row"]: one for one in shown}
    assert by_row.keys() == {5, 7}
    assert (by_row[7]["column_name"], by_row[7]["value"]) == ("qualifier", "perhaps")
    written = wr.read_csv(figures / "observations.csv")[3]
    assert by_row[5]["row_json"]["indicator_id"] == written["indicator_id"]
    assert "gizmos" in {one["value"] for one in shown}

    # As long as nothing is mended, nothing is judged again.
    again = ipw("quarantine", "replay")
    assert again["judged"] == {}
    assert [(t["left"], t["stayed"], t["more"]) for t in again["tables"]] == [(0, 2, 0)]

    units = checkout / "contracts" / "units.py"
    text = units.read_text(encoding="utf-8")
    entry = '    "pieces": ("NUMBER", 0),\n'
    units.write_text(text.replace(entry, entry + '    "gizmos": ("NUMBER", 0),\n'), "utf-8")
    assert units.stat().st_size > len(os.fsencode(text))
    mended = ipw("quarantine", "replay")
    assert [(t["left"], t["stayed"], t["more"]) for t in mended["tables"]] == [(1, 1, 0)]
    landed = pl.read_parquet(
        home / "warehouse" / "landed" / "official_releases" / "observation" / "*.parquet"
    )
    assert landed.filter(pl.col("unit_as_published") == "gizmos")["raw_row"].to_list() == [5]
    assert landed.height == len(wr.read_csv(figures / "observations.csv")) - 1
    assert [one["raw_row"] for one in ipw("quarantine", "show")] == [7]
