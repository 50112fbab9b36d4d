"""The simulated register against the figures it is calibrated to, and the figures against theirs.

Shares are measured on the simulated facts by ways of this test's own. A share of n patents drawn
with probability p strays by its standard error, sqrt(p (1 - p) / n): more than Z of them is wrong.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import zipfile
from collections.abc import Callable
from math import sqrt
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
import pytest
import warehouse_runs

from contracts import regions
from contracts.ipc import normalise
from pipelines.settings import CHECKOUT
from pipelines.simulation import calibration, population
from pipelines.simulation.calibration import figures

COUNT = 200_000
#: Of a hundred shares, one beyond 4.5 standard errors turns up once in 1,500 registers.
Z = 4.5
MID_2025, END_2023, END_2022 = (dt.date(2025, 6, 30), dt.date(2023, 12, 31), dt.date(2022, 12, 31))
ENDING = ("CF01", "CX01", "AV01", "IW01")


@pytest.fixture(scope="module")
def chunk() -> population.Chunk:
    (made,) = population.chunks(COUNT, 20_251_231)
    return made


@pytest.fixture(scope="module")
def patents(chunk: population.Chunk) -> pl.DataFrame:
    """Patents with the day on which they ended and came back, and whether they are domestic."""
    days = {
        name: chunk.events.filter(pl.col("event_code").is_in(codes))
        .group_by("index")
        .agg(pl.col("event_date").min().alias(name))
        for name, codes in (("ended", ENDING), ("back", ("RR01",)))
    }
    # An unknown residence is drawn apart from everything else and left out of all shares.
    joined = chunk.patents.filter(pl.col("residence").is_not_null())
    for frame in days.values():
        joined = joined.join(frame, on="index", how="left")
    return joined.with_columns(
        pl.col("residence").str.starts_with("CN-").alias("domestic"),
        pl.col("residence").str.contains("^CN-").and_(
            ~pl.col("residence").is_in(["CN-HK", "CN-MO", "CN-TW"])
        ).alias("mainland"),
    )  # fmt: skip


def in_force(day: dt.date) -> pl.Expr:
    ended = (pl.col("ended") <= day) & ~(pl.col("back") <= day).fill_null(False)
    return (pl.col("grant_date") <= day) & ~ended.fill_null(False)


def share(part: int, whole: int, expected: float) -> None:
    error = sqrt(expected * (1 - expected) / whole)
    assert part / whole == pytest.approx(expected, abs=Z * error)
    assert error < 0.01, "the register is large enough to tell"


def test_grants_by_year_and_origin(patents: pl.DataFrame) -> None:
    domestic, foreign = figures("grants_domestic"), figures("grants_foreign")
    total = sum(domestic.values()) + sum(foreign.values())
    years = pl.col("grant_date").dt.year()
    for is_domestic, grants in ((True, domestic), (False, foreign)):
        for year, number in grants.items():
            part = patents.filter((pl.col("domestic") == is_domestic) & (years == int(year)))
            share(part.height, patents.height, number / total)


def test_valid_inventions_by_region(patents: pl.DataFrame) -> None:
    valid = patents.filter(in_force(END_2023) & pl.col("domestic"))
    published = figures("in_force_by_region")
    assert len(published) == 34
    for region, number in published.items():
        found = valid.filter(pl.col("residence") == region).height
        share(found, valid.height, number / sum(published.values()))


def test_stock_and_its_origin(patents: pl.DataFrame) -> None:
    # Stock of 2023 against the grants of 2013 to 2023, which the yearbooks have but for 2012.
    grants = sum(n for year, n in figures("grants_domestic").items() if 2013 <= int(year) <= 2023)
    domestic = patents.filter("domestic")
    granted = domestic.filter(pl.col("grant_date").dt.year().is_between(2013, 2023)).height
    stock = domestic.filter(in_force(END_2023)).height
    expected = figures("in_force_domestic")["2023"] / grants
    # Both counts stray, the ratio by no more than the sum of their relative errors.
    assert stock / granted == pytest.approx(expected, rel=Z * (1 / sqrt(stock) + 1 / sqrt(granted)))
    valid = patents.filter(in_force(END_2022))
    origin = figures("in_force_by_origin")
    foreign = valid.filter(~pl.col("domestic")).height
    share(foreign, valid.height, origin["foreign"] / sum(origin.values()))


def conditions(chunk: population.Chunk, valid: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """Of valid patents, what is true of each on a day; strategic: certain, and possible."""
    pools = calibration.symbols()
    lists = pl.col("symbols").str.split(";").list
    members = chunk.members.filter(
        ~pl.col("office").is_in(["WO", "HK"]) & (pl.col("grant_date") <= day)
    )
    pledged = chunk.pledges.filter(pl.col("registration_date") <= day)
    awarded = chunk.awards.filter(pl.col("year") <= day.year)
    certain = lists.eval(pl.element().is_in(pools["true"])).list.any()
    limited = lists.eval(pl.element().is_in(pools["unknown"])).list.any()
    return valid.select(
        certain.alias("certain"),
        (certain | limited).alias("possible"),
        pl.col("index").is_in(members["index"].implode()).alias("overseas_family"),
        (pl.col("filing_date").dt.offset_by("10y") < day).alias("maintained"),
        pl.col("index").is_in(pledged["index"].implode()).alias("pledge"),
        pl.col("index").is_in(awarded["index"].implode()).alias("award"),
    )


def test_conditions_and_their_overlap(chunk: population.Chunk, patents: pl.DataFrame) -> None:
    published, stocks = figures("condition"), figures("in_force_mainland")
    of_2025 = conditions(chunk, patents.filter(in_force(MID_2025) & pl.col("mainland")), MID_2025)
    of_2023 = conditions(chunk, patents.filter(in_force(END_2023) & pl.col("mainland")), END_2023)
    for name, found, stock in (
        ("overseas_family", of_2025, stocks["2025-06"]),
        ("maintained", of_2025, stocks["2025-06"]),
        ("pledge", of_2023, stocks["2023"]),
    ):
        share(int(found[name].sum()), found.height, published[name] / stock)
    # Whether keyword limits hold nobody can say: what is published lies between the bounds.
    others = pl.any_horizontal("overseas_family", "maintained", "pledge", "award")
    for lower, upper, name in (
        (pl.col("certain"), pl.col("possible"), "sei"),
        (pl.col("certain") | others, pl.col("possible") | others, "any"),
    ):
        low, high = (float(of_2025.select(e.mean()).item()) for e in (lower, upper))
        assert low < published[name] / stocks["2025-06"] < high
    assert of_2025["award"].sum() > 0


def test_independent_conditions_give_the_published_union() -> None:
    """The decision to draw conditions independently rests on this."""
    stocks = figures("in_force_mainland")
    none = 1.0
    for name in ("sei", "overseas_family", "maintained", "pledge"):
        stock = stocks["2023" if name == "pledge" else "2025-06"]
        none *= 1 - figures("condition")[name] / stock
    assert 1 - none == pytest.approx(figures("condition")["any"] / stocks["2025-06"], abs=0.01)


def test_the_states_of_the_symbols_follow_from_the_published_table() -> None:
    with (CHECKOUT / "dbt_project" / "seeds" / "sei_ipc_rules.csv").open(encoding="utf-8") as file:
        rules = list(csv.DictReader(file))

    def takes(patterns: str, symbol: str) -> bool:
        for pattern in filter(None, patterns.split(";")):
            stem = pattern.rstrip("*")
            if not pattern.endswith("*"):
                found = symbol == (stem if "/" in stem or len(stem) < 5 else f"{stem}/00")
            elif len(stem) < 5:
                found = symbol.startswith(stem)
            else:
                found = symbol.partition("/")[0] == stem
            if found:
                return True
        return False

    for state, symbols in calibration.symbols().items():
        assert len(symbols) > 50
        for symbol in symbols:
            assert normalise(symbol) == symbol
            limited = {
                rule["is_keyword_limited"]
                for rule in rules
                if takes(rule["ipc_include"], symbol) and not takes(rule["ipc_exclude"], symbol)
            }
            expected = "true" if "false" in limited else "unknown" if limited else "false"
            assert state == expected, symbol


def test_every_figure_says_where_it_is_from_or_that_it_is_assumed() -> None:
    for row in calibration.rows():
        cited = [row[name] for name in ("publisher", "publication", "place", "date")]
        assert row["status"] in calibration.STATUSES, row
        if row["status"] in ("published", "derived"):
            assert all(cited), row
        else:
            assert row["note"], row
            assert not any(cited), row


def test_figures_of_the_reviewed_observations_are_theirs() -> None:
    observed = {
        (row["indicator_id"], row["ref_area"], row["time_period"], row["release_id"]): row
        for row in warehouse_runs.read_csv(warehouse_runs.FIGURES / "observations.csv")
    }
    releases = warehouse_runs.read_csv(warehouse_runs.FIGURES / "releases.csv")
    publishers = {row["release_id"]: row["publisher"] for row in releases}
    scale = {"pieces": 1, "10,000 pieces": 10_000, "million": 1_000_000}
    cited = [row for row in calibration.rows() if row["place"].startswith("observations.csv: ")]
    assert len(cited) > 15
    for row in cited:
        place = row["place"].removeprefix("observations.csv: ").split(" ")
        published = observed[place[0], place[1], place[2], row["publication"]]
        assert float(row["value"]) == pytest.approx(
            float(published["value_as_published"]) * scale[published["unit_as_published"]]
        )
        assert row["publisher"] == publishers[row["publication"]]
        assert (row["status"] == "derived") == (published["is_derived"] == "true")


def sheet(path: Path) -> list[list[str]]:
    """Cells of a workbook's first sheet, as text."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        strings, cells = (
            ElementTree.fromstring(book.read(f"xl/{part}.xml"))  # noqa: S314 - the reference file
            for part in ("sharedStrings", "worksheets/sheet1")
        )
    texts = ["".join(t.text or "" for t in item.iter(f"{space}t")) for item in strings]
    return [
        [
            texts[int(value)] if cell.get("t") == "s" and value else value or ""
            for cell in row
            for value in [cell.findtext(f"{space}v")]
        ]
        for row in cells.iter(f"{space}row")
    ]


def test_figures_of_the_yearbooks_are_theirs(shared_path: Callable[[str], Path]) -> None:
    def inventions(kind: str, year: str) -> dict[str, int]:
        rows = sheet(shared_path(f"data/cn_yearbook/raw/patent_{kind}_raw-{year}.xlsx"))
        plain = ([cell.strip() for cell in row] for row in rows)
        return {
            re.sub(r"\s", "", row[0]): int(row[3])
            for row in plain
            if len(row) > 3 and row[3].isdigit()
        }

    valid = inventions("03-valid", "2023")
    assert valid["全国"] == figures("in_force_domestic")["2023"]
    del valid["全国"]
    assert {regions.place(name)[1]: number for name, number in valid.items()} == figures(
        "in_force_by_region"
    )
    published = [
        row
        for row in calibration.rows()
        if row["figure"] == "grants_domestic" and row["status"] == "published"
    ]
    assert len(published) == 13
    for row in published:
        assert inventions("02-authority", row["key"])["全国"] == int(row["value"]), row["key"]
