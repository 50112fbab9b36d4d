"""Names of provinces and countries: the table agrees with the warehouse's own lists."""

from __future__ import annotations

import csv

import polars as pl
import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.regions import place, places
from pipelines.settings import CHECKOUT


def test_every_province_of_the_reference_table_is_known_by_its_code_and_names() -> None:
    with (CHECKOUT / "raw/official_releases/ref_areas.csv").open(encoding="utf-8") as file:
        areas = [row for row in csv.DictReader(file) if row["kind"] in ("province", "sar")]
    assert len(areas) == 34
    for area in areas:
        country = {"CN-TW": "TW", "CN-HK": "HK", "CN-MO": "MO"}.get(area["ref_area"], "CN")
        short = area["name_zh"]
        for ending in (
            "省",
            "市",
            "壮族自治区",
            "回族自治区",
            "维吾尔自治区",
            "自治区",
            "特别行政区",
        ):
            short = short.removesuffix(ending)
        for name in (area["ref_area"], area["name_zh"], short):
            assert place(name) == (country, area["ref_area"]), name


def test_every_country_is_of_iso_3166_or_was() -> None:
    withdrawn = {"AN", "SU", "YU"}
    from contracts import regions  # the table itself

    known = {country.alpha_2 for country in pycountry.countries}
    assert set(regions._COUNTRIES) - withdrawn <= known
    names = [name for names in regions._COUNTRIES.values() for name in names.split()]
    names += [name for names in regions._REGIONS.values() for name in names.split()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("内蒙", ("CN", "CN-NM")),
        ("沈阳", ("CN", "CN-LN")),
        ("长春市", ("CN", "CN-JL")),
        ("深圳", ("CN", "CN-GD")),
        ("中国", ("CN", None)),
        ("美国", ("US", None)),
        ("台湾", ("TW", "CN-TW")),
        ("香港", ("HK", "CN-HK")),
        ("澳门", ("MO", "CN-MO")),
        ("TW", ("TW", "CN-TW")),
        ("广东;44", ("CN", "CN-GD")),
        ("广东(44)", ("CN", "CN-GD")),
        ("广东（44）", ("CN", "CN-GD")),
        (" 北京 ", ("CN", "CN-BJ")),
        ("刚果（金）", ("CD", None)),
        ("亚特兰蒂斯", (None, "亚特兰蒂斯")),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_places(text: str | None, expected: tuple[str | None, str | None]) -> None:
    assert place(text) == expected


@given(
    st.lists(st.sampled_from(["北京", "美国", "台湾", "", "?"]) | st.none() | st.text(max_size=5))
)
def test_a_column_agrees_with_single_names(texts: list[str | None]) -> None:
    assert places(pl.Series(texts, dtype=pl.String)).rows() == [place(text) for text in texts]
