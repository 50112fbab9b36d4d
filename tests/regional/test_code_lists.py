"""Codes of areas held against the publishers' own lists: GB/T 2260 and ISO 3166-1.

These lists are no source: nothing of them lands. Here too: that no file of the small folders of
real data is without a test; larger folders are listed by the tests that land them. Not here: names
in tables (test_regional_cells.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import warehouse_runs as wr

from contracts.regions import PROVINCES

Shared = Callable[[str], Path]

GB = "data/cn_admin_codes"
#: What is not the mainland's has no line in the bureau's list.
BEYOND = {"100000", "710000", "810000", "820000"}
#: Small folders, and their files that tests name: the code lists here, industries in
#: test_gbt4754.py, patent-intensive industries in test_patent_intensive.py, WIPO's fields in
#: test_sei.py.
NAMED = {
    GB: {"LICENSE", "areas.csv", "cities.csv", "provinces.csv"},
    "data/gbt4754_2017": {"DERIVED_gbt4754_2017.tsv", "IndustryData.js"},
    "data/ipc_technology": {"ipc_technology.csv", "iso-country-codes.csv"},
    "data/patent_intensive_transcribed": {"patent_intensive_value_added_2019_2023.tsv"},
}


@pytest.mark.parametrize("folder", NAMED)
def test_every_file_is_named_by_a_test(shared_path: Shared, folder: str) -> None:
    assert {path.name for path in shared_path(folder).iterdir()} == NAMED[folder]


def test_areas_have_the_bureaus_codes_and_names(shared_path: Shared) -> None:
    lists = {
        digits: {line["code"]: line["name"] for line in wr.read_csv(shared_path(f"{GB}/{name}"))}
        for digits, name in ((2, "provinces.csv"), (4, "cities.csv"), (6, "areas.csv"))
    }
    areas = [row for row in wr.read_csv(wr.FIGURES / "ref_areas.csv") if row["gb_code"]]
    checked = set()
    for area in areas:
        code = area["gb_code"]
        digits = next(n for n in (2, 4, 6) if not code[n:].strip("0"))
        if code not in BEYOND:
            assert lists[digits].get(code[:digits]) == area["name_zh"], area["ref_area"]
            checked.add(area["ref_area"])
    assert checked >= set(PROVINCES)
    # A city's key is its code.
    coded = {a["ref_area"]: a["gb_code"] for a in areas if re.search("[0-9]{6}", a["ref_area"])}
    assert {key.removeprefix("CN-"): code for key, code in coded.items()} == {
        code: code for code in coded.values()
    }
    assert len(coded) > 10


def test_countries_have_their_iso_codes(shared_path: Shared) -> None:
    published = {
        line["Alpha-2 code"].strip(): line["Alpha-3 code"].strip()
        for line in wr.read_csv(shared_path("data/ipc_technology/iso-country-codes.csv"))
    }
    seed = wr.FIGURES.parents[1] / "dbt_project" / "seeds" / "iso_3166_1.csv"
    ours = {line["alpha_2"]: line["alpha_3"] for line in wr.read_csv(seed)}
    assert len(published) > 240
    # The list is older than the end of the Netherlands Antilles and than South Sudan.
    assert published.items() - ours.items() == {("AN", "ANT")}
    assert ours.items() - published.items() == {
        ("BQ", "BES"), ("CW", "CUW"), ("SS", "SSD"), ("SX", "SXM"),
    }  # fmt: skip
