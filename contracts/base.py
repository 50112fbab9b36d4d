"""What every contract is made of: typed columns with a meaning, a key, and how much dirt is borne.

A contract is a pandera model. Here: the base class, the `column` helper that makes a description
obligatory, and `split`, which divides a frame into accepted rows and failures. Not here: any
particular table, drift of what a source sends (pipelines/headings.py), reading or writing a file.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaError, SchemaErrors

#: Columns that the landing adds to every table; a parser must supply `raw_row` itself.
RAW_ROW = "raw_row"


class Severity(StrEnum):
    """What follows where a rule is broken, or where what a source sends has changed."""

    #: The row is kept out, with its reasons; the others land.
    REJECT = "reject"
    #: Nothing of the payload lands in this table; what landed before it stays.
    FAIL = "fail"
    #: The row lands; a finding says so.
    WARN = "warn"


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


@dataclass(frozen=True)
class Level:
    """When the values of a series count as of another size than before: a unit or scope changed.

    series: the columns that name a series; the rest of the key are areas and periods. factor: by
    which half of the values must have moved, up or down; values: fewer than these tell nothing.
    """

    series: tuple[str, ...]
    factor: float = 2.0
    values: int = 10
    because: str = "half of a series does not double between releases, nor from year to year"
    since: str = "2026-11"

    @property
    def in_words(self) -> str:
        """The limit for people, without its reason."""
        return f"half of at least {self.values} values of a series by a factor of {self.factor:g}"


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
    severities: Mapping[str, Severity] | None = None,
    level: Level | None = None,
    data_set: str | None = None,
) -> dict[str, Any]:
    """A contract's `Config.metadata`: version (bumped when a change could break a reader), how much
    dirt it bears, who answers for it, which columns must stand in which other table of the same
    source (`{"release_id": "release"}`: the column of that name there), whether a payload without
    rows may take the place of one with rows, the severity of rules that do not just reject the row
    (by the name of a rule over the row, or of a column for all rules on its values), when the
    values of a release count as of another size than those of the one before, and the column that
    names a data set with releases of its own.
    """
    return {
        "version": version,
        "reject_limit": reject_limit,
        "owner": owner,
        "references": references or {},
        "may_be_empty": may_be_empty,
        "severities": dict(severities or {}),
        "level": level,
        "data_set": data_set,
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
    is_open_list: bool = False,
) -> Any:
    """A contract's column: what it means, in which unit, and which values are allowed.

    is_open_list: it holds codes of a list that the publisher may extend; a new one lands, and a
    finding says so. `matches` is a regular expression for the whole value; write `[0-9]`, never a
    class that admits full-width digits.
    """
    return pa.Field(
        description=description,
        nullable=nullable,
        str_matches=rf"^(?:{matches})$" if matches else None,
        isin=isin,
        ge=ge,
        le=le,
        metadata={
            "unit": unit,
            "matches": matches,
            "isin": isin,
            "ge": ge,
            "le": le,
            "is_open_list": is_open_list,
        },
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
    """accepted: rows that keep every rule but those that only warn, typed as the contract says.

    failures: one row per broken rule: raw_row, column, check, value, severity (all text but
    raw_row), and `_at`, the row's place in the frame. rejected: the raw_row of each row that is not
    accepted, once each.
    """

    accepted: pl.DataFrame
    failures: pl.DataFrame
    rejected: pl.DataFrame


_FAILURES = {
    "_at": pl.get_index_type(),
    "column": pl.String,
    "check": pl.String,
    "value": pl.String,
}


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
    """The contract's terms as given by `terms`.

    Raises ValueError where they name a rule or a column that the contract has not.
    """
    schema = contract.to_schema()  # gathers the Config of all bases; pandera 0.35 drops metadata
    found = {**terms(), **((contract.__config__ and contract.__config__.metadata) or {})}
    known = {*schema.columns, *(str(check.name) for check in schema.checks)}
    known |= {f"unique({', '.join(schema.unique or [])})"}
    series = found["level"].series if found["level"] else ()
    named = {*found["severities"], *series, found["data_set"]} - {None}
    if strange := ", ".join(sorted(named - known)):
        raise ValueError(f"{contract.__name__}: its terms name {strange}, which it lacks")
    return found


def open_lists(contract: type[Contract]) -> list[str]:
    """The columns that hold codes of a list which the publisher may extend."""
    columns = contract.to_schema().columns
    return [name for name, told in columns.items() if (told.metadata or {}).get("is_open_list")]


def key(contract: type[Contract]) -> list[str]:
    """The columns that identify a row."""
    unique = contract.to_schema().unique
    return [unique] if isinstance(unique, str) else list(unique or [])


def severity_of(contract: type[Contract], column: str | None, check: str) -> Severity:
    """What follows where this rule is broken; `column` is None for a rule over the row.

    A value that does not fit its type, a NULL, a key that stands twice and a name that nothing
    bears can not land whatever the contract says: there `WARN` counts as `REJECT`.
    """
    given = terms_of(contract)["severities"]
    severity = Severity(given.get(check if column is None else column, Severity.REJECT))
    cannot_land = check in ("not_nullable", "known") or check.startswith(("type:", "unique("))
    return Severity.REJECT if cannot_land and severity is Severity.WARN else severity


def _failing(frame: pl.DataFrame, column: str | None, check: str, value: pl.Expr) -> pl.DataFrame:
    """Failures of one rule: all rows of a frame that has `_at`."""
    told = (pl.lit(column, dtype=pl.String), pl.lit(check), value.cast(pl.String))
    names = ("column", "check", "value")
    return frame.select("_at", *(t.alias(n) for t, n in zip(told, names, strict=True)))


def _typed(
    frame: pl.DataFrame, schema: dict[str, pl.DataType]
) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Cast to the contract's types; what does not fit becomes NULL and a failure."""
    failures = []
    casts = []
    for name, dtype in schema.items():
        cell = pl.col(name)
        text = cell.cast(pl.String)
        if frame.schema[name] == dtype:
            cast = cell
        elif dtype == pl.Boolean:
            cast = text.replace_strict(
                {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
            )
        elif dtype == pl.Date:
            cast = text.str.to_date("%Y-%m-%d", strict=False)
        else:
            cast = text.cast(dtype, strict=False)
        casts.append(cast)
        bad = cell.is_not_null() & cast.is_null()
        if dtype == pl.Float64:
            bad = bad | ~cast.is_finite()
        elif frame.schema[name] == dtype:
            continue
        failures.append(_failing(frame.filter(bad), name, f"type:{dtype}", cell))
    return frame.select("_at", *casts), failures


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
    placed = frame.select(list(schema)).with_row_index("_at")
    good, found = _typed(placed, schema)
    good = _without(good, found)
    if good.height:
        # pandera tells which keys stand twice in three times the time (0.35, a million rows).
        names = key(contract)
        twice = good.filter(good.select(names).is_duplicated()) if names else good.clear()
        broken = pl.concat([_violations(good, contract), not_unique(twice, contract)])
        found.append(broken)
        good = _without(good, [_refused(broken, contract)])
    for name, values in (known or {}).items():
        lost = good.filter(pl.col(name).is_not_null() & ~pl.col(name).is_in(values.implode()))
        found.append(_failing(lost, name, "known", pl.col(name)))
        good = _without(good, [lost])
    rows = placed.select("_at", pl.col(RAW_ROW).cast(pl.Int64))
    if not (failed := [each for each in found if each.height]):
        failed = [pl.DataFrame(schema=_FAILURES)]
    failures = (
        judged(pl.concat(failed), contract)
        .join(rows, on="_at", how="left")
        .sort("_at", "column", "check", nulls_last=True)
    )
    rejected = (
        failures.filter(pl.col("severity") != Severity.WARN)
        .select("_at", RAW_ROW)
        .unique(maintain_order=True)
    )
    accepted = good.drop("_at")
    if accepted.height + rejected.height != frame.height:
        raise AssertionError(
            f"{contract.__name__}: {frame.height} rows in, {accepted.height} accepted, "
            f"{rejected.height} rejected"
        )
    return Split(accepted, failures, rejected)


def not_unique(rows: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """Failures of rows, with their `_at`, that share their key with others."""
    names = key(contract)
    values = [pl.col(name).cast(pl.String) for name in names] or [pl.lit(None, pl.String)]
    told = pl.concat_str(values, separator=", ", ignore_nulls=True)
    return _failing(rows, None, f"unique({', '.join(names)})", told)


def _without(rows: pl.DataFrame, failures: list[pl.DataFrame]) -> pl.DataFrame:
    """The rows that no failure is about."""
    places = [each["_at"] for each in failures if each.height]
    return rows.filter(~pl.col("_at").is_in(pl.concat(places).implode())) if places else rows


def _refused(failures: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    return judged(failures, contract).filter(pl.col("severity") != Severity.WARN)


def judged(failures: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """The failures, each with the severity of its rule."""
    rules = failures.select("column", "check").unique()
    severities = [str(severity_of(contract, *rule)) for rule in rules.iter_rows()]
    told = rules.with_columns(pl.Series("severity", severities, pl.String))
    return failures.join(told, on=["column", "check"], how="left", nulls_equal=True)


@cache
def _rules(contract: type[Contract]) -> pa.DataFrameSchema:
    """The contract's schema without its key, for which there is a shorter way."""
    schema = copy.deepcopy(contract.to_schema())
    schema.unique = None
    return schema


def _violations(good: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """The pandera failures of `good`, with `_at` in place of pandera's positional index: all rules
    but that of the key.

    One look is enough: pandera 0.35 names every row that fails, except where a type is wrong, and
    types are right here.
    """
    try:
        _rules(contract).validate(good.drop("_at"), lazy=True)
    except SchemaErrors as errors:
        cases: pl.DataFrame = errors.failure_cases
    except SchemaError as error:  # pandera raises this one alone for some schema-level failures
        raise ContractError(str(error)) from error
    else:
        return pl.DataFrame(schema=_FAILURES)
    if (odd := cases.filter(pl.col("index").is_null())).height:
        case = odd.row(0, named=True)
        raise ContractError(f"{contract.__name__}: {case['check']}: {case['failure_case']}")
    of_row = pl.col("schema_context") == "DataFrameSchema"
    return cases.select(
        good["_at"].gather(cases["index"]).alias("_at"),
        pl.when(~of_row).then(pl.col("column").cast(pl.String)).alias("column"),
        pl.col("check").cast(pl.String),
        pl.col("failure_case").cast(pl.String).alias("value"),
    )
