"""What every contract is made of: typed columns with a meaning, a key, and how much dirt is borne.

A contract is a pandera model. Here: the base class, the `column` helper that makes a description
obligatory, and `split`, which divides a frame into accepted rows and failures. Not here: any
particular table, and nothing that reads or writes a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaError, SchemaErrors

#: Columns that the landing adds to every table; a parser must supply `raw_row` itself.
RAW_ROW = "raw_row"

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class RejectLimit:
    """How many rows of one payload may be quarantined before the whole payload is refused.

    rows: absolute number of rows; share: fraction of the payload's rows (the larger of both holds).
    because and since say why this limit, and since when: no limit is a law of nature.
    """

    because: str
    since: str
    rows: int = 0
    share: float = 0.0

    @property
    def in_words(self) -> str:
        """The limit for people, without its reason."""
        return f"{self.rows} rows or {self.share:.0%} of a payload"

    def exceeded(self, rejected: int, rows_in: int) -> bool:
        """True when `rejected` of `rows_in` rows is more than the contract bears."""
        return rejected > self.rows and rejected / rows_in > self.share


REVIEWED = RejectLimit(
    because="a reviewed or generated table: one bad row is a mistake, the others still serve",
    since="2026-11",
    share=0.1,
)


def terms(
    *,
    version: str = "1.0.0",
    reject_limit: RejectLimit = REVIEWED,
    owner: str = "data-stewards",
    references: dict[str, str] | None = None,
    may_be_empty: bool = False,
) -> dict[str, Any]:
    """A contract's `Config.metadata`: version (bumped when a change could break a reader), how much
    dirt it bears, who answers for it, which columns must stand in which other table of the same
    source (`{"release_id": "release"}`: the column of that name there), and whether a payload
    without rows may take the place of one with rows.
    """
    return {
        "version": version,
        "reject_limit": reject_limit,
        "owner": owner,
        "references": references or {},
        "may_be_empty": may_be_empty,
    }


def column(
    description: str,
    *,
    unit: str | None = None,
    matches: str | None = None,
    isin: list[Any] | None = None,
    ge: float | None = None,
    le: float | None = None,
    nullable: bool = False,
) -> Any:
    """A contract's column: what it means, in which unit, and which values are allowed.

    `matches` is a regular expression for the whole value; write `[0-9]`, never a class that
    admits full-width digits.
    """
    return pa.Field(
        description=description,
        nullable=nullable,
        str_matches=rf"^(?:{matches})$" if matches else None,
        isin=isin,
        ge=ge,
        le=le,
        metadata={"unit": unit, "matches": matches, "isin": isin, "ge": ge, "le": le},
    )


class Contract(pa.DataFrameModel):
    """Base of all contracts. Subclasses describe one table; their docstring is its description.

    A subclass sets `Config.unique` (the key) and, where the default does not fit, `Config.metadata`
    (see `terms`).
    """

    class Config:
        strict = True
        metadata = terms()


class Split(NamedTuple):
    """accepted: rows that keep every rule, typed as the contract says.

    failures: one row per broken rule: raw_row, column, check, value (all text but raw_row).
    rejected: the raw_row of each row that broke one, once each.
    """

    accepted: pl.DataFrame
    failures: pl.DataFrame
    rejected: pl.DataFrame


_Failure = tuple[int, str | None, str, str | None]
_FAILURES = {"_at": pl.Int64, "column": pl.String, "check": pl.String, "value": pl.String}


class ContractError(ValueError):
    """A frame cannot be judged row by row: a column is missing or unknown to the contract."""


def polars_schema(contract: type[Contract]) -> dict[str, pl.DataType]:
    """Column name to polars type, in the contract's order."""
    return {name: col.dtype.type for name, col in contract.to_schema().columns.items()}


def reject_limit(contract: type[Contract]) -> RejectLimit:
    """How many bad rows one payload may hold before it is refused whole."""
    limit = terms_of(contract)["reject_limit"]
    assert isinstance(limit, RejectLimit)  # noqa: S101 - narrows the type for mypy
    return limit


def terms_of(contract: type[Contract]) -> dict[str, Any]:
    """The contract's terms as given by `terms`."""
    contract.to_schema()  # gathers the Config of all bases; pandera 0.35 drops its metadata here
    return {**terms(), **((contract.__config__ and contract.__config__.metadata) or {})}


def key(contract: type[Contract]) -> list[str]:
    """The columns that identify a row."""
    unique = contract.to_schema().unique
    return [unique] if isinstance(unique, str) else list(unique or [])


def _failures(rows: list[_Failure]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_FAILURES, orient="row")


def _typed(
    frame: pl.DataFrame, schema: dict[str, pl.DataType]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cast to the contract's types; what does not fit becomes NULL and a failure."""
    failures: list[_Failure] = []
    casts = []
    for name, dtype in schema.items():
        text = frame[name].cast(pl.String)
        if frame.schema[name] == dtype:
            cast = frame[name]
        elif dtype == pl.Boolean:
            cast = text.replace_strict(
                {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
            )
        elif dtype == pl.Date:
            cast = text.str.to_date("%Y-%m-%d", strict=False)
        else:
            cast = text.cast(dtype, strict=False)
        bad = frame[name].is_not_null() & cast.is_null()
        if dtype == pl.Float64:
            bad = bad | (cast.is_not_null() & ~cast.is_finite())
        casts.append(cast.alias(name))
        failures += [
            (int(i), name, f"type:{dtype}", str(frame[name][int(i)]))
            for i in bad.arg_true().to_list()
        ]
    return pl.DataFrame(casts), _failures(failures)


def split(
    frame: pl.DataFrame,
    contract: type[Contract],
    known: Mapping[str, pl.Series] | None = None,
) -> Split:
    """Divide `frame` by `contract`; rows in = accepted + rejected, always.

    Text that does not fit the column's type, not-a-number and infinity are failures like any other,
    and so is a value of a column in `known` that is not among the values given there.
    Raises ContractError when a column is missing or the contract does not know one.
    """
    schema = polars_schema(contract)
    missing, unknown = set(schema) - set(frame.columns), set(frame.columns) - set(schema)
    if missing or unknown:
        raise ContractError(
            f"{contract.__name__}: missing columns {sorted(missing)}, "
            f"unknown columns {sorted(unknown)}"
        )
    typed, failures = _typed(frame.select(list(schema)), schema)
    typed = typed.with_row_index("_at")
    good = typed.filter(~pl.col("_at").is_in(failures["_at"].implode()))
    # pandera may name only some of the rows that fail: validate what is left until it is clean.
    while good.height:
        found = _violations(good, contract)
        if found.is_empty():
            break
        failures = pl.concat([failures, found])
        good = good.filter(~pl.col("_at").is_in(found["_at"].implode()))
    for name, values in (known or {}).items():
        lost = good.filter(pl.col(name).is_not_null() & ~pl.col(name).is_in(values.implode()))
        failures = pl.concat(
            [
                failures,
                _failures(
                    [
                        (at, name, "known", value)
                        for at, value in lost.select("_at", name).iter_rows()
                    ]
                ),
            ]
        )
        good = good.filter(~pl.col("_at").is_in(lost["_at"].implode()))
    raw_rows = frame.select(pl.col(RAW_ROW).cast(pl.Int64)).with_row_index("_at")
    failures = (
        failures.with_columns(pl.col("_at").cast(pl.get_index_type()))
        .join(raw_rows, on="_at", how="left")
        .sort("_at", "column", "check", nulls_last=True)
    )
    rejected = failures.select("_at", RAW_ROW).unique(maintain_order=True)
    accepted = good.drop("_at")
    if accepted.height + rejected.height != frame.height:
        raise AssertionError(
            f"{contract.__name__}: {frame.height} rows in, {accepted.height} accepted, "
            f"{rejected.height} rejected"
        )
    return Split(accepted, failures, rejected)


def _violations(good: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """The pandera failures of `good`, with `_at` in place of pandera's positional index."""
    try:
        contract.validate(good.drop("_at"), lazy=True)
    except SchemaErrors as errors:
        cases: pl.DataFrame = errors.failure_cases
    except SchemaError as error:  # pandera raises this one alone for some schema-level failures
        raise ContractError(str(error)) from error
    else:
        return _failures([])
    positions = good["_at"]
    rows: list[_Failure] = []
    for case in cases.iter_rows(named=True):
        if case["index"] is None:
            raise ContractError(f"{contract.__name__}: {case['check']}: {case['failure_case']}")
        name: str | None = str(case["column"])
        check = str(case["check"])
        if case["schema_context"] == "DataFrameSchema":
            name = None
            if check == "multiple_fields_uniqueness":
                check = f"unique({', '.join(key(contract))})"
        value = None if case["failure_case"] is None else str(case["failure_case"])
        rows.append((int(positions[case["index"]]), name, check, value))
    return _failures(rows)
