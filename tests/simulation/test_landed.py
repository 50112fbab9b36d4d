"""The whole way: simulate, drop, land; and the short way of the benchmarks gives the same rows."""

from __future__ import annotations

from pathlib import Path

import landed_simulation
import polars as pl
import pytest

from contracts.base import polars_schema
from contracts.patent_register import SIMULATED
from pipelines import ingest
from pipelines.landing import Landed
from pipelines.settings import Settings
from pipelines.simulation import files, population
from pipelines.sources.patent_register import SOURCE as REAL
from pipelines.sources.simulated_register import FOLDER, SOURCE

COUNT, SEED = 3000, 11


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("simulated"))


@pytest.fixture(scope="module")
def landed(home: Settings) -> list[Landed]:
    """A register in three chunks of unequal size, landed by the real ingest."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(population, "CHUNK", 1300)
        files.write(home.inbox / FOLDER, COUNT, SEED)
    ingest.collect(SOURCE, home, live=False)
    return ingest.land(SOURCE, home)


def rows(root: Path, table: str) -> pl.DataFrame:
    return pl.read_parquet(root / SOURCE.id / table / "*.parquet")


def test_every_row_of_every_file_lands(home: Settings, landed: list[Landed]) -> None:
    assert {done.outcome for done in landed} == {"landed"}
    assert sum(done.rows_quarantined for done in landed) == 0
    found = {table: rows(home.landed, table) for table in SIMULATED}
    for table, frame in found.items():
        assert frame.height == sum(d.rows_in for d in landed if d.table_name == table) > 0
        assert frame["is_simulated"].all()
    # What each adapter tells, counted in the files themselves.
    folder = home.inbox / FOLDER
    lines = {
        adapter: sum(
            len(path.read_text().splitlines()) - 1 for path in (folder / adapter).glob("*.csv")
        )
        for adapter in ("cnipa_export", "lens", "google_patents", "awards")
    }
    assert lines["cnipa_export"] == COUNT
    xml = "".join(path.read_text() for path in (folder / "epo_ops").glob("*.xml"))
    by_adapter = dict(found["patent"]["adapter"].value_counts().iter_rows())
    assert by_adapter == {
        "cnipa_export": COUNT,
        "lens": lines["lens"],
        "google_patents": lines["google_patents"],
        "epo_ops": xml.count("<ops:family-member "),
    }
    assert found["legal_event"].height == xml.count("<ops:legal ")
    assert found["award"].height == lines["awards"]
    pledged = [
        line.split(",")[5].count("ZL")
        for path in (folder / "pledges").glob("*.csv")
        for line in path.read_text().splitlines()[1:]
    ]
    assert found["pledge"].height == sum(pledged)
    assert max(pledged) > 1


def test_the_real_register_gets_none_of_it(home: Settings, landed: list[Landed]) -> None:
    ingest.collect(REAL, home, live=False)
    assert ingest.land(REAL, home) == []


@pytest.mark.parametrize("table", list(SIMULATED))
def test_the_benchmarks_short_way_gives_the_same_rows(
    home: Settings, landed: list[Landed], table: str, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(population, "CHUNK", 1300)
        landed_simulation.write(tmp_path, COUNT, SEED)
    columns = [*polars_schema(SIMULATED[table]), "release_date", "raw_file"]
    long, short = (rows(root, table).select(columns) for root in (home.landed, tmp_path))
    assert long.schema == short.schema
    assert long.height == short.height > 0
    assert long.sort(columns).equals(short.sort(columns))
