"""Three severities: a row kept out, a payload that does not land, a row that lands with a word.

The contract is a small one made for the purpose. Not here: which rules of real contracts have which
(tests/pipeline/test_drift.py), what is kept out (test_contracts_base.py).
"""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inbox import Inbox
from pandera.polars import PolarsData, dataframe_check

from contracts.base import (
    Contract,
    RejectLimit,
    Severity,
    column,
    severity_of,
    split,
    terms,
    terms_of,
)
from pipelines.landing_table import TableLanding, landed
from pipelines.raw_store import Receipt
from pipelines.source import Cadence, Licence, Parsed, Payload, Source

GRADES = ["a", "b"]


class Judged(Contract):
    """A rule of each severity, and one that must not be softened."""

    code: str = column("key")
    grade: str = column("only rejects", isin=GRADES)
    unit: str = column("fails the landing", isin=["pieces"])
    size: int = column("only warns", ge=1)
    raw_row: int = column("line", ge=1)

    class Config:
        unique = "code"
        metadata = terms(
            reject_limit=RejectLimit(because="a test", since="2026-11", share=0.9),
            severities={
                "unit": Severity.FAIL,
                "size": Severity.WARN,
                "size_is_even": Severity.WARN,
                "code": Severity.WARN,
            },
        )

    @dataframe_check
    @classmethod
    def size_is_even(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(pl.col("size") % 2 == 0)


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    types = {"code": str, "grade": str, "unit": str, "size": pl.String, "raw_row": pl.Int64}
    numbered = [{"raw_row": at, **row} for at, row in enumerate(rows, 1)]
    return pl.DataFrame(numbered, schema=types)


def row(code: str, **cells: str | None) -> dict[str, Any]:
    return {"code": code, "grade": "a", "unit": "pieces", "size": "2", **cells}


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "grade": st.sampled_from([*GRADES, "z"]),
            "unit": st.sampled_from(["pieces", "pieces", "dozens"]),
            "size": st.sampled_from(["2", "4", "3", "0", "-1", "many"]),
        }
    ),
    max_size=12,
)


@settings(max_examples=100, deadline=None)
@given(ROWS)
def test_what_warns_lands_and_what_rejects_does_not(cells: list[dict[str, str]]) -> None:
    rows = [{"code": f"c{at}", **each} for at, each in enumerate(cells)]
    accepted, failures, rejected = split(frame(rows), Judged)

    kept_out = [
        at
        for at, each in enumerate(cells, 1)
        if each["grade"] == "z" or each["unit"] == "dozens" or each["size"] == "many"
    ]
    assert rejected["raw_row"].to_list() == kept_out
    assert accepted["raw_row"].to_list() == [
        at for at in range(1, len(cells) + 1) if at not in kept_out
    ]
    told = {
        (at, name, severity)
        for at, name, severity in failures.select("raw_row", "column", "severity").iter_rows()
    }
    assert told == {
        (at, name, severity)
        for at, each in enumerate(cells, 1)
        for name, severity, broken in (
            ("size", "reject", each["size"] == "many"),
            # What cannot be typed is judged by nothing else.
            ("grade", "reject", each["grade"] == "z" and each["size"] != "many"),
            ("unit", "fail", each["unit"] == "dozens" and each["size"] != "many"),
            ("size", "warn", each["size"] in ("0", "-1")),
            (None, "warn", each["size"] in ("3", "-1")),
        )
        if broken
    }


@pytest.mark.parametrize("check", ["type:Int64", "not_nullable", "known"])
def test_what_cannot_land_is_not_softened(check: str) -> None:
    assert severity_of(Judged, "size", check) is Severity.REJECT
    assert severity_of(Judged, "unit", check) is Severity.FAIL
    assert severity_of(Judged, "grade", check) is Severity.REJECT


def test_a_key_that_stands_twice_is_kept_out_whatever_the_contract_says() -> None:
    accepted, failures, _ = split(frame([row("x"), row("x"), row("y")]), Judged)
    assert accepted["code"].to_list() == ["y"]
    assert failures["severity"].to_list() == ["reject", "reject"]


@pytest.fixture
def inbox(tmp_path: Any) -> Inbox:
    """A source of one table, whose payloads are lines `code,grade,unit,size`."""

    def parse(payload: Payload) -> Parsed:
        names = ("code", "grade", "unit", "size")
        lines = payload.content.decode().split()
        cells = [dict(zip(names, line.split(","), strict=True)) for line in lines]
        return Parsed({"judged": frame(cells)})

    source = Source(
        id="judged",
        title="A test",
        publisher="a test",
        licence=Licence("CC0", "", ""),
        cadence=Cadence.DAILY,
        tables={"judged": Judged},
        default_base_url="",
        parse=parse,
    )
    return Inbox(source, tmp_path)


def test_one_row_that_fails_keeps_the_payload_out_and_the_last_one_stands(inbox: Inbox) -> None:
    inbox.drop(b"x,a,pieces,2", "first")
    [refused] = inbox.drop(b"x,a,pieces,2\ny,a,dozens,4\nz,b,pieces,6", "second")

    assert refused.outcome == "refused"
    assert "a rule that no row of a payload may break: row 2, column unit, value 'dozens'" in str(
        refused.message
    )
    assert inbox.landing.accepted("judged")["raw_file"].to_list() == ["first"]


def test_a_key_may_fail_the_landing_also_where_it_repeats_in_another_batch(tmp_path: Any) -> None:
    class Whole(Judged):
        """A table whose keys may not repeat at all."""

        class Config:
            metadata = terms(
                reject_limit=RejectLimit(because="a test", since="2026-11", share=0.9),
                severities={"unique(code)": Severity.FAIL},
            )

    for batches in ([["x", "x"]], [["x"], ["x"]]):
        folder = tmp_path / str(len(batches))
        receipt = Receipt("s", "stored", "f", "", "", "", "", sha256="0" * 64)
        table = TableLanding(folder, "f", Whole, landed("s", "t", receipt), {})
        for batch in batches:
            table.add(frame([row(code) for code in batch]), None)
        done = table.finish(folder / "quarantine.parquet", None)
        assert (done.outcome, done.rows_quarantined) == ("refused", 2)
        assert "rule unique(code)" in str(done.message)


def test_terms_may_not_name_what_is_not_there() -> None:
    class Misspelt(Judged):
        """A contract whose terms name a rule that it has not."""

        class Config:
            metadata = terms(severities={"size_is_evn": Severity.WARN})

    with pytest.raises(ValueError, match="its terms name size_is_evn, which it lacks"):
        terms_of(Misspelt)


def test_a_warning_is_one_finding_for_a_rule_however_many_rows(inbox: Inbox) -> None:
    [landed] = inbox.drop(b"x,a,pieces,0\ny,a,pieces,3\nz,a,pieces,-2\nw,z,pieces,2", "one.txt")

    assert (landed.outcome, landed.rows_accepted, landed.rows_quarantined) == ("landed", 3, 1)
    [below, odd] = sorted(inbox.landing.warnings(), key=lambda found: str(found["rule"]))
    assert below["rule"] == "greater_than_or_equal_to(1)"
    assert (below["dataset"], below["file"], below["row"]) == ("judged.judged", "one.txt", 1)
    assert below["message"] == (
        "2 rows break a rule that only warns; first: row 1, column size, value '0', "
        "rule greater_than_or_equal_to(1)"
    )
    assert (odd["rule"], odd["row"], odd["severity"]) == ("size_is_even", 2, "warning")


def test_warnings_go_with_the_payload_that_they_are_about(inbox: Inbox) -> None:
    inbox.drop(b"x,a,pieces,3", "one.txt")
    assert len(inbox.landing.warnings()) == 1
    # Refused bytes land no row, so there is none to warn of.
    inbox.drop(b"y,a,dozens,3", "two.txt")
    assert len(inbox.landing.warnings()) == 1
