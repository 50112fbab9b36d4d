"""Simulated records and real ones never share a table: real files landed by both sources.

Not here: what the simulated register holds.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from contracts.patent_register import SIMULATED, TABLES
from pipelines import ingest
from pipelines.landing import Landed, Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.source import Source
from pipelines.sources.patent_register import SOURCE as REAL
from pipelines.sources.simulated_register import SOURCE as SIMULATION

HEADER = "award,edition,year,grade,patent_number,is_simulated"
NUMBERS = [f"CN{112256133 + at}B" for at in range(20)]


def line(number: str, simulated: str) -> str:
    return f"china_patent_award,24,2023,patent_silver,{number},{simulated}"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def drop(home: Settings, place: str, *lines: str) -> Path:
    path = home.inbox / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((HEADER, *lines, "")), encoding="utf-8")
    return path


def land(source: Source, home: Settings) -> list[Landed]:
    ingest.collect(source, home, live=False)
    return ingest.land(source, home)


def accepted(source: Source, home: Settings, table: str = "award") -> pl.DataFrame:
    return Landing(source, RawStore(home.raw), home.landed).accepted(table)


@pytest.mark.parametrize(
    ("source", "place", "own", "other"),
    [
        (REAL, "awards/a.csv", "false", "true"),
        (REAL, "awards/b.csv", "", "TRUE"),
        (SIMULATION, "simulated/awards/a.csv", "true", "false"),
        (SIMULATION, "simulated/awards/b.csv", "True", ""),
    ],
)
def test_a_record_of_the_other_kind_is_quarantined_by_the_rule(
    home: Settings, source: Source, place: str, own: str, other: str
) -> None:
    strange = line(NUMBERS[0], other)
    drop(home, place, strange, *(line(number, own) for number in NUMBERS[1:]))
    (done,) = land(source, home)
    assert (done.outcome, done.rows_in, done.rows_accepted, done.rows_quarantined) == (
        "landed",
        20,
        19,
        1,
    )
    assert set(accepted(source, home)["publication_number"]) == {n[2:-1] for n in NUMBERS[1:]}
    kept_out = pl.read_parquet(home.landed / "operations" / "quarantine" / f"{source.id}__*")
    (row,) = kept_out.to_dicts()
    assert (row["raw_row"], row["column_name"], row["value"]) == (
        2,
        "is_simulated",
        other.lower() or "false",
    )
    assert row["check"] == f"isin([{source is SIMULATION}])"


def test_a_whole_simulated_file_in_a_real_inbox_is_refused(home: Settings) -> None:
    drop(home, "awards/simulated/a.csv", *(line(number, "true") for number in NUMBERS))
    (done,) = land(REAL, home)
    assert done.outcome == "refused"
    assert "column is_simulated, value 'true'" in str(done.message)
    assert accepted(REAL, home).is_empty()


def test_neither_source_sees_the_inbox_of_the_other(home: Settings) -> None:
    drop(home, "simulated/awards/a.csv", *(line(number, "true") for number in NUMBERS))
    drop(home, "awards/a.csv", line(NUMBERS[0], ""))
    assert [d.rows_accepted for d in land(REAL, home)] == [1]
    assert [d.rows_accepted for d in land(SIMULATION, home)] == [20]
    assert accepted(REAL, home)["is_simulated"].to_list() == [False]
    assert accepted(SIMULATION, home)["is_simulated"].to_list() == [True] * 20


def test_simulated_files_taken_away_take_their_rows_and_new_ones_replace_them(
    home: Settings,
) -> None:
    first = drop(home, "simulated/awards/a.csv", line(NUMBERS[0], "true"))
    # Another adapter's file of the same name is another file.
    other = home.inbox / "simulated" / "pledges" / "a.csv"
    other.parent.mkdir()
    pledged = [f"Y1,2021-03-01,{number},true" for number in NUMBERS]
    pledged[0] = pledged[0].replace("2021", "soon")
    heading = "registration_number,registration_date,patent_number,is_simulated"
    other.write_text("\n".join((heading, *pledged)))
    land(SIMULATION, home)
    drop(home, "simulated/awards/a.csv", line(NUMBERS[1], "true"), line(NUMBERS[2], "true"))
    land(SIMULATION, home)
    assert accepted(SIMULATION, home).height == 2
    first.unlink()
    assert land(SIMULATION, home) == []
    assert accepted(SIMULATION, home).is_empty()
    assert accepted(SIMULATION, home, "pledge").height == 19
    other.unlink()
    land(SIMULATION, home)
    assert accepted(SIMULATION, home, "pledge").is_empty()
    assert list((home.landed / "operations").glob("*/simulated_register__*")) == []


def test_the_simulated_contracts_are_the_real_ones_but_for_the_mark() -> None:
    assert list(SIMULATED) == list(TABLES)
    for table, contract in TABLES.items():
        real, simulated = contract.to_schema(), SIMULATED[table].to_schema()
        assert list(simulated.columns) == list(real.columns)
        assert simulated.unique == real.unique
        assert [str(check) for check in simulated.checks] == [str(check) for check in real.checks]
        told = {n: [(c.name, c.statistics) for c in of.checks] for n, of in real.columns.items()}
        differ = [
            n
            for n, of in simulated.columns.items()
            if [(c.name, c.statistics) for c in of.checks] != told[n]
        ]
        assert differ == ["is_simulated"]
