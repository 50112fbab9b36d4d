"""What `ipw simulate` writes: the same bytes each time, labelled, with the defects it names."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest
import warehouse_runs
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.patent_numbers import cn_check_digit
from pipelines import ingest
from pipelines.settings import Settings
from pipelines.simulation import files, population, rights
from pipelines.simulation.calibration import value
from pipelines.simulation.defects import DEFECTS
from pipelines.simulation.lives import END
from pipelines.sources.simulated_register import FOLDER, SOURCE


def hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.*")
    }


def test_the_bytes_are_those_of_every_other_machine(tmp_path: Path) -> None:
    """The hash was taken once; it changes when the register is made otherwise, and only then."""
    files.write(tmp_path, 1000, 1)
    whole = "".join(f"{name} {digest}\n" for name, digest in sorted(hashes(tmp_path).items()))
    assert hashlib.sha256(whole.encode()).hexdigest() == (
        "cfc20ef49352fd3e36bf73fb9fa92d6fa1bf319654f32bc3bfc7218f1cf5af51"
    )


def test_again_writes_nothing_and_another_seed_everything(tmp_path: Path) -> None:
    first = files.write(tmp_path, 500, 1)
    assert set(first.changed) == set(first.files)
    before = {path: path.stat().st_mtime_ns for path in first.files}
    assert files.write(tmp_path, 500, 1).changed == []
    assert {path: path.stat().st_mtime_ns for path in first.files} == before
    assert len(files.write(tmp_path, 500, 2).changed) == len(first.files)


def test_a_smaller_register_takes_the_files_of_a_larger_one_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "CHUNK", 100)
    own = tmp_path / "lens" / "mine.csv"
    own.parent.mkdir()
    own.write_text("dropped by a user\n")
    files.write(tmp_path, 350, 1)
    assert len(list(tmp_path.glob("cnipa_export/*"))) == 4
    written = files.write(tmp_path, 200, 1)
    assert set(tmp_path.rglob("*.*")) == {*written.files, own}


def test_application_numbers_are_unique_and_end_in_their_check_digit(tmp_path: Path) -> None:
    files.write(tmp_path, 5000, 3)
    lines = (tmp_path / "cnipa_export" / "cnipa_export-0000.csv").read_text().splitlines()[1:]
    numbers = [line.split(",")[0] for line in lines]
    assert len(set(numbers)) == 5000
    for number in numbers:
        digits, _, check = number.removeprefix("CN").partition(".")
        assert check == cn_check_digit(digits)


def test_exactly_the_planted_defects_are_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Awards are so rare that a few bad ones would be more than the contract bears.
    shares = {"award_share": 0.05}
    monkeypatch.setattr(rights, "value", lambda name: shares.get(name) or value(name))
    home = Settings(home=tmp_path)
    written = files.write(home.inbox / FOLDER, 20_000, 5, defects=0.03)
    clean = files.write(tmp_path / "clean", 20_000, 5)
    assert written.rows == clean.rows
    ingest.collect(SOURCE, home, live=False)
    done = ingest.land(SOURCE, home)
    assert {one.outcome for one in done} == {"landed"}
    tables = {
        (adapter, defect.kind): defect.tables
        for adapter, defects in DEFECTS.items()
        for defect in defects
    }
    assert set(written.planted) == set(tables), "20,000 patents are enough for every kind"
    planted: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for row in pl.concat(written.ledger).iter_rows(named=True):
        for table in tables[row["adapter"], row["kind"]]:
            planted[table].add((row["file"], row["raw_row"]))
    quarantine = home.landed / "operations" / "quarantine" / f"{SOURCE.id}__*.parquet"
    caught: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for table, file, raw_row in (
        pl.read_parquet(quarantine).select("table_name", "file", "raw_row").iter_rows()
    ):
        caught[table].add((file, raw_row))
    assert caught == planted
    for one in done:
        assert one.rows_in == one.rows_accepted + one.rows_quarantined
    # Of a line with several rows, only those go that the defect is in.
    spoilt = sum(n for (_, kind), n in written.planted.items() if kind == "unreadable symbol")
    of_symbols = pl.read_parquet(quarantine).filter(pl.col("table_name") == "ipc_assignment")
    assert of_symbols.filter(pl.col("value") == "G06X/??").height == spoilt


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--patents", "0"], "1 to 10,000,000 patents"),
        (["--patents", "10000001"], "1 to 10,000,000 patents"),
        (["--patents", "5", "--seed", "-1"], "seed"),
        (["--patents", "5", "--defects", "1.01"], "from 0 to 1"),
        (["--patents", "5", "--defects", "nan"], "from 0 to 1"),
        (["--patents", "many"], "integer"),
        ([], "--patents"),
    ],
)
def test_wrong_options_are_told(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = warehouse_runs.ipw(tmp_path, "simulate", *arguments)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_what_it_wrote_and_where(tmp_path: Path) -> None:
    into = tmp_path / "elsewhere"
    done = warehouse_runs.ipw(
        tmp_path, "simulate", "--patents", "400", "--defects", "0.1", "--into", str(into)
    )
    assert done.returncode == 0, done.stderr
    lines = into.joinpath("cnipa_export", "cnipa_export-0000.csv").read_text().splitlines()
    assert len(lines) == 401
    assert "wrong check digit" in done.stdout
    assert "simulated 400 of 400 patents" in done.stderr
    assert not (tmp_path / "raw").exists()


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(0, 2**63 - 1))
def test_any_register_is_well_formed(count: int, seed: int) -> None:
    (chunk,) = population.chunks(count, seed)
    patents = chunk.patents
    assert patents.height == count
    sheets = {adapter: sheet_of(chunk) for adapter, sheet_of in files.SHEETS.items()}
    assert sheets["cnipa_export"].height == count
    cells = [c for sheet in sheets.values() for row in sheet.rows() for c in row if c is not None]
    assert not any(set(cell) & set(',"\n\r<&') for cell in cells)
    assert patents.filter(pl.col("grant_date") <= pl.col("filing_date")).is_empty()
    for name in ("members", "events", "pledges", "awards"):
        assert getattr(chunk, name)["index"].is_in(patents["index"].implode()).all()
    events = chunk.events.join(patents, on="index")
    assert events.filter(pl.col("event_date") < pl.col("grant_date")).is_empty()
    assert (events["gazette_date"] <= END).all()
