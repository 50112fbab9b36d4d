"""Files too large to hold: judged batch by batch, landed or refused as one.

Not here: any real format (tests/register).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from contracts.base import Contract, RejectLimit, column, terms
from pipelines import ingest, landing
from pipelines.landing import Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.source import Cadence, Licence, Notes, Source, SourceFormatError


class Reading(Contract):
    """A numbered reading."""

    number: int = column("number", ge=0)
    raw_row: int = column("line", ge=1)

    class Config:
        unique = ["number"]
        metadata = terms(reject_limit=RejectLimit(because="a test", since="2026-11", share=0.5))


def stream(path: Path, place: str, notes: Notes) -> Iterator[tuple[str, pl.DataFrame]]:
    """Three lines a batch; a line that reads `stop` ends the format."""
    assert place.startswith("inbox/readings/")
    lines = path.read_text().split()
    notes.left_out["lines without end"] = 1
    for start in range(0, len(lines), 3):
        batch = lines[start : start + 3]
        if "stop" in batch:
            raise SourceFormatError(f"{place}: line {start + batch.index('stop') + 1} stops")
        rows = list(range(start + 1, start + len(batch) + 1))
        yield "reading", pl.DataFrame({"number": batch, "raw_row": rows})


SOURCE = Source(
    id="meter",
    title="Readings",
    publisher="nobody",
    licence=Licence("none", "none", ""),
    cadence=Cadence.IRREGULAR,
    tables={"reading": Reading},
    default_base_url="",
    stream=stream,
    accepts=("*.txt",),
    inboxes=("readings",),
)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    (settings.inbox / "readings").mkdir(parents=True)
    return settings


def land(home: Settings, text: str) -> tuple[str, int, int, list[int]]:
    """Drop one file and land it: outcome, accepted, quarantined, and the numbers that serve."""
    (home.inbox / "readings" / "a.txt").write_text(text)
    ingest.collect(SOURCE, home, live=False)
    (done,) = ingest.land(SOURCE, home)
    lander = Landing(SOURCE, RawStore(home.raw), home.landed)
    numbers = sorted(lander.accepted("reading")["number"].to_list())
    assert done.outcome == "refused" or done.rows_in == done.rows_accepted + done.rows_quarantined
    return done.outcome, done.rows_accepted, done.rows_quarantined, numbers


def test_batches_land_as_one_file(home: Settings) -> None:
    assert land(home, "0 1 2 3 4 5 6 7") == ("landed", 8, 0, list(range(8)))


def test_bad_rows_of_any_batch_are_kept_out(home: Settings) -> None:
    assert land(home, "0 x 2 3 -4 5 6 7") == ("landed", 6, 2, [0, 2, 3, 5, 6, 7])
    kept_out = pl.read_parquet(home.landed / "operations" / "quarantine" / "meter__*.parquet")
    assert kept_out.select("raw_row", "column_name", "value").sort("raw_row").rows() == [
        (2, "number", "x"),
        (5, "number", "-4"),
    ]


def test_a_key_repeated_in_another_batch_is_found(home: Settings) -> None:
    assert land(home, "0 1 2 3 1 5 6 7 8 9") == ("landed", 8, 2, [0, 2, 3, 5, 6, 7, 8, 9])
    kept_out = pl.read_parquet(home.landed / "operations" / "quarantine" / "meter__*.parquet")
    assert sorted(kept_out["raw_row"]) == [2, 5]
    assert set(kept_out["check"]) == {"unique(number)"}


def test_a_file_that_breaks_off_lands_nothing(home: Settings) -> None:
    assert land(home, "0 1 2 3 4 stop") == ("refused", 0, 0, [])
    assert list(home.landed.rglob(".*")) == []  # nothing waits


def test_too_many_bad_rows_refuse_all_batches(home: Settings) -> None:
    outcome, _, quarantined, numbers = land(home, "0 x y z w 5 v u t")
    assert (outcome, quarantined, numbers) == ("refused", 7, [])


def test_the_bytes_are_stored_once(home: Settings) -> None:
    land(home, "0 1 2")
    report = ingest.collect(SOURCE, home, live=False)
    assert [receipt.outcome for receipt in report.receipts] == ["unchanged"]
    assert len([p for p in (home.raw / "objects").rglob("*") if p.is_file()]) == 1
    large = dataclasses.replace(SOURCE, id="other")
    assert ingest.collect(large, home.model_copy(update={"max_file_bytes": 1}), live=False).errors


class Line(Contract):
    """A word of a line; a line may have several, each once."""

    word: str = column("word", nullable=True)
    raw_row: int = column("line", ge=1)

    class Config:
        unique = ["word", "raw_row"]
        metadata = terms(reject_limit=RejectLimit(because="a test", since="2026-11", share=0.9))


@pytest.mark.parametrize(
    ("batches", "kept_out"),
    [
        ([[("a", 1), ("b", 2)], [("a", 3), ("b", 4)]], []),  # a line repeats no other line
        ([[("a", 1), ("b", 2)], [("b", 2), ("c", 2)], [("c", 3)]], [("b", 2), ("b", 2)]),
        ([[(None, 1), (None, 2)], [(None, 2), ("c", 2)]], [(None, 2), (None, 2)]),
        # Batches that do not follow the lines of the file: every line may come again.
        ([[("a", 5), ("b", 9)], [("a", 7), ("c", 3)], [("a", 5)]], [("a", 5), ("a", 5)]),
    ],
)
def test_repeats_in_other_batches_of_a_key_with_the_line(
    home: Settings,
    batches: list[list[tuple[str | None, int]]],
    kept_out: list[tuple[str | None, int]],
) -> None:
    def words(_path: Path, _place: str, _notes: Notes) -> Iterator[tuple[str, pl.DataFrame]]:
        for batch in batches:
            yield "line", pl.DataFrame(batch, schema=["word", "raw_row"], orient="row")

    source = dataclasses.replace(SOURCE, tables={"line": Line}, stream=words)
    (home.inbox / "readings" / "a.txt").write_text("x")
    ingest.collect(source, home, live=False)
    (done,) = ingest.land(source, home)
    lander = Landing(source, RawStore(home.raw), home.landed)
    landed = lander.accepted("line")
    everything = [row for batch in batches for row in batch]
    expected = sorted(set(everything) - set(kept_out), key=str)
    assert sorted(landed.select("word", "raw_row").rows(), key=str) == expected
    assert (done.rows_in, done.rows_quarantined) == (len(everything), len(kept_out))
    assert list(home.landed.rglob(".*")) == []  # neither rows nor keys wait


def test_whoever_waits_is_told_how_far_a_file_is(
    home: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(landing, "PROGRESS_SECONDS", 0.0)
    with caplog.at_level("INFO", logger="ipw"):
        land(home, "0 1 2 3 4 5 6")
    told = [m for m in caplog.messages if "a second" in m]
    assert [m.split(" rows")[0] for m in told] == [f"meter: a.txt: {n}" for n in (3, 6, 7)]
