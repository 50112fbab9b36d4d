"""Dividing rows by a contract: nothing is lost, nothing bad passes, nothing good is changed.

The contract here is a small one made for the purpose. Not here: the contracts of real sources
(tests/contracts) and what a landing does with the division (tests/pipeline).
"""

import datetime as dt
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.polars import PolarsData, dataframe_check

from contracts.base import (
    Contract,
    ContractError,
    RejectLimit,
    Split,
    column,
    key,
    polars_schema,
    reject_limit,
    split,
    terms,
    terms_of,
)


class Sample(Contract):
    """A number of things in an area."""

    code: str = column("key", matches=r"[a-z]+[0-9]+")
    things: int = column("how many", ge=0, le=1000)
    ratio: float = column("a share", ge=0, le=1, nullable=True)
    day: pl.Date = column("a day", nullable=True)
    final: bool = column("whether final")
    kind: str = column("which", isin=["stock", "flow"], nullable=True)
    area: str = column("where", nullable=True)
    raw_row: int = column("line", ge=2)

    class Config:
        unique = "code"

    @dataframe_check
    @classmethod
    def a_stock_has_a_day(cls, data: PolarsData) -> pl.LazyFrame:
        return data.lazyframe.select(
            (pl.col("kind") != "stock").fill_null(value=True) | pl.col("day").is_not_null()
        )


KNOWN = {"area": pl.Series(["CHN", "CN-BJ"])}


class Defect(NamedTuple):
    """A bad cell and the rule that must name it."""

    column: str
    value: str | None
    rule: str


DEFECTS = [
    Defect("things", "many", "type:Int64"),
    Defect("things", "5.5", "type:Int64"),
    Defect("things", "５", "type:Int64"),
    Defect("things", "5\n", "type:Int64"),
    Defect("things", "99999999999999999999", "type:Int64"),
    Defect("things", "1001", "less_than_or_equal_to(1000)"),
    Defect("things", "-1", "greater_than_or_equal_to(0)"),
    Defect("things", None, "not_nullable"),
    Defect("ratio", "1,5", "type:Float64"),
    Defect("ratio", "０.5", "type:Float64"),
    Defect("ratio", "NaN", "type:Float64"),
    Defect("ratio", "1e999", "type:Float64"),
    Defect("ratio", "-inf", "type:Float64"),
    Defect("ratio", "1.01", "less_than_or_equal_to(1)"),
    Defect("day", "2023-02-29", "type:Date"),
    Defect("day", "２０２３-01-01", "type:Date"),
    Defect("day", "2023-01-01\n", "type:Date"),
    Defect("day", "last week", "type:Date"),
    Defect("final", "yes", "type:Boolean"),
    Defect("final", None, "not_nullable"),
    Defect("code", "A1", "str_matches('^(?:[a-z]+[0-9]+)$')"),
    Defect("code", "a１", "str_matches('^(?:[a-z]+[0-9]+)$')"),
    Defect("code", "a1\n", "str_matches('^(?:[a-z]+[0-9]+)$')"),
    Defect("code", "a1 b2", "str_matches('^(?:[a-z]+[0-9]+)$')"),
    Defect("code", None, "not_nullable"),
    Defect("kind", "Stock", "isin(['stock', 'flow'])"),
    Defect("kind", "", "isin(['stock', 'flow'])"),
    Defect("area", "CN-XX", "known"),
]


class Line(NamedTuple):
    """One row as a parser gives it, the same row typed, and what was spoilt on purpose."""

    cells: dict[str, Any]
    typed: dict[str, Any]
    defects: tuple[Defect, ...]


@st.composite
def lines(draw: st.DrawFn) -> list[Line]:
    """Up to thirty rows, some with one or several bad cells, some with the key of another."""
    made = []
    for at in range(draw(st.integers(0, 30))):
        typed = {
            "code": f"a{draw(st.integers(0, 40)) if draw(st.booleans()) else 100 + at}",
            "things": draw(st.integers(0, 1000)),
            "ratio": draw(st.none() | st.floats(0, 1)),
            "day": draw(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))),
            "final": draw(st.booleans()),
            "kind": draw(st.sampled_from(["stock", "flow", None])),
            "area": draw(st.sampled_from(["CHN", "CN-BJ", None])),
            "raw_row": at + 2,
        }
        defects = tuple(
            draw(st.lists(st.sampled_from(DEFECTS), max_size=2, unique_by=lambda d: d.column))
            if draw(st.integers(0, 2)) == 0
            else []
        )
        cells = {**as_text(typed), **{defect.column: defect.value for defect in defects}}
        made.append(Line(cells, typed, defects))
    return made


def as_text(typed: dict[str, Any]) -> dict[str, Any]:
    words = {True: "true", False: "false"}
    text = {
        name: words[value] if isinstance(value, bool) else None if value is None else str(value)
        for name, value in typed.items()
    }
    return {**text, "raw_row": typed["raw_row"]}


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    types = {name: pl.Int64 if name == "raw_row" else pl.String for name in polars_schema(Sample)}
    return pl.DataFrame(rows, schema=types)


def one(**cells: Any) -> dict[str, Any]:
    """A good row, with these cells instead."""
    good = {"code": "a1", "things": 5, "ratio": 0.5, "day": dt.date(2023, 1, 2), "final": True}
    typed = {**good, "kind": "flow", "area": "CHN", "raw_row": 2}
    return {**as_text(typed), **cells}


def judged(*rows: dict[str, Any]) -> Split:
    return split(frame(list(rows)), Sample, KNOWN)


@settings(max_examples=100, deadline=None)
@given(lines())
def test_rows_are_divided_without_loss(rows: list[Line]) -> None:
    given_rows = frame([line.cells for line in rows])
    accepted, failures, rejected = split(given_rows, Sample, KNOWN)
    by_line = {line.cells["raw_row"]: line for line in rows}

    # Every row is on exactly one side.
    sides = accepted["raw_row"].to_list() + rejected["raw_row"].to_list()
    assert sorted(sides) == sorted(by_line)

    # What was accepted is what was written, typed, in the order it came, and keeps the contract.
    assert accepted.to_dicts() == [by_line[at].typed for at in accepted["raw_row"]]
    assert accepted["raw_row"].is_sorted()
    assert not any(by_line[at].defects for at in accepted["raw_row"])
    assert accepted["code"].is_unique().all()
    Sample.validate(accepted)

    # Who is rejected is named with a cell that was spoilt, or shares its key with another row.
    codes = [line.cells["code"] for line in rows]
    assert set(failures["raw_row"]) == set(rejected["raw_row"])
    for failure in failures.iter_rows(named=True):
        line = by_line[failure["raw_row"]]
        if failure["column"] is None:
            assert failure["check"] == "unique(code)"
            assert failure["value"] == line.cells["code"]
            assert codes.count(line.cells["code"]) > 1
        else:
            found = Defect(failure["column"], failure["value"], failure["check"])
            assert found in line.defects

    # A good row with a key of its own is never rejected.
    for line in rows:
        if not line.defects and codes.count(line.cells["code"]) == 1:
            assert line.cells["raw_row"] in accepted["raw_row"]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda d: f"{d.column}={d.value!r}")
def test_a_failure_names_row_column_value_and_rule(defect: Defect) -> None:
    bad = one(**{"code": "b2", "raw_row": 7, defect.column: defect.value})
    accepted, failures, rejected = judged(one(), bad)

    assert failures.select("raw_row", "column", "check", "value").rows() == [
        (7, defect.column, defect.rule, defect.value)
    ]
    assert rejected["raw_row"].to_list() == [7]
    assert accepted["code"].to_list() == ["a1"]


def test_all_bad_cells_of_a_row_are_named() -> None:
    found = judged(one(things="1001", kind="Stock", ratio="2")).failures
    assert found["column"].to_list() == ["kind", "ratio", "things"]
    assert found["value"].to_list() == ["Stock", "2.0", "1001"]


def test_rows_of_one_key_are_all_kept_out() -> None:
    """Nobody can tell which of them is right."""
    accepted, failures, _ = judged(
        one(), one(raw_row=3, things="6"), one(raw_row=4, code="b1"), one(raw_row=5)
    )
    assert accepted["raw_row"].to_list() == [4]
    assert failures.select("raw_row", "column", "check").rows() == [
        (at, None, "unique(code)") for at in (2, 3, 5)
    ]


def test_a_rule_over_the_row_names_it() -> None:
    accepted, failures, _ = judged(one(kind="stock"), one(code="b2", kind="stock", day=None))
    assert accepted["code"].to_list() == ["a1"]
    assert failures.select("column", "check").rows() == [(None, "a_stock_has_a_day")]


def test_without_known_values_a_reference_is_not_judged() -> None:
    assert split(frame([one(area="CN-XX")]), Sample).accepted.height == 1


def test_every_reference_is_unknown_where_nothing_is_known() -> None:
    nothing = {"area": pl.Series([], dtype=pl.String)}
    accepted, failures, _ = split(frame([one(), one(code="b2", area=None)]), Sample, nothing)
    assert accepted["code"].to_list() == ["b2"]  # no reference, nothing to know
    assert failures.select("column", "check", "value").rows() == [("area", "known", "CHN")]


def test_typed_columns_are_taken_as_they_are() -> None:
    rows = pl.DataFrame([one()]).with_columns(
        things=pl.lit(5), ratio=pl.lit(0.1 + 0.2), day=pl.lit(dt.date(2023, 1, 2)), final=True
    )
    assert split(rows, Sample, KNOWN).accepted["ratio"].to_list() == [0.30000000000000004]

    not_finite = pl.concat([rows.with_columns(ratio=pl.lit(x)) for x in (float("nan"), 1e999)])
    failures = split(not_finite, Sample, KNOWN).failures
    assert failures["check"].to_list() == ["type:Float64"] * 2
    assert failures["value"].to_list() == ["NaN", "inf"]


def test_no_rows_give_no_rows() -> None:
    accepted, failures, rejected = judged()
    assert (accepted.height, failures.height, rejected.height) == (0, 0, 0)
    assert accepted.schema == polars_schema(Sample)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (lambda f: f.drop("things"), r"Sample: missing columns \['things'\], unknown columns \[\]"),
        (lambda f: f.with_columns(x=1), r"missing columns \[\], unknown columns \['x'\]"),
        (lambda f: f.rename({"kind": "Kind"}), r"missing .*'kind'.* unknown .*'Kind'"),
    ],
)
def test_a_frame_with_other_columns_cannot_be_judged(columns: Any, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        split(columns(frame([one()])), Sample, KNOWN)


def test_the_order_of_columns_does_not_matter() -> None:
    turned = frame([one()]).select(reversed(polars_schema(Sample)))
    assert split(turned, Sample, KNOWN).accepted.columns == list(polars_schema(Sample))


class Narrow(Contract):
    """A contract with terms of its own."""

    area: str = column("where")
    day: pl.Date = column("when")
    raw_row: int = column("line", ge=2)

    class Config:
        unique = ("area", "day")
        metadata = terms(
            version="2.1.0",
            reject_limit=RejectLimit(because="a test", since="2026-11", rows=3),
            owner="me",
            references={"area": "areas"},
        )


def test_key_of_a_contract() -> None:
    assert key(Sample) == ["code"]
    assert key(Narrow) == ["area", "day"]


def test_terms_of_a_contract_are_in_force() -> None:
    assert reject_limit(Narrow) == RejectLimit(because="a test", since="2026-11", rows=3)
    found = terms_of(Narrow)
    assert (found["version"], found["owner"]) == ("2.1.0", "me")
    assert found["references"] == {"area": "areas"}


def test_a_contract_without_terms_has_the_common_ones() -> None:
    assert reject_limit(Sample).share == 0.1
    assert terms_of(Sample)["version"] == "1.0.0"
    assert terms_of(Sample)["references"] == {}


@pytest.mark.parametrize(
    ("rows", "share", "rows_in", "most"),
    [
        (0, 0.0, 1000, 0),
        (3, 0.0, 1000, 3),
        (0, 0.05, 100, 5),
        (0, 0.05, 99, 4),  # 4.95 rows
        (0, 0.05, 19, 0),
        (0, 0.05, 20, 1),
        (0, 0.29, 100, 29),  # 0.29 * 100 is 28.999999999999996 in binary
        (0, 0.07, 100, 7),  # 0.07 * 100 is 7.000000000000001
        (10, 0.05, 100, 10),  # the larger of both holds
        (2, 0.05, 100, 5),
    ],
)
def test_reject_limit_at_its_boundary(rows: int, share: float, rows_in: int, most: int) -> None:
    limit = RejectLimit(because="a test", since="2026-11", rows=rows, share=share)
    assert not limit.exceeded(most, rows_in)
    assert limit.exceeded(most + 1, rows_in)


def test_an_empty_payload_exceeds_no_limit() -> None:
    assert not RejectLimit(because="a test", since="2026-11").exceeded(0, 0)
