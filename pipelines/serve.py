"""Reading what is published: read-only, without the network, from the current build.

Not here: printing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import polars as pl

from pipelines.settings import Settings


class NothingPublished(RuntimeError):
    """There is no current build."""


@dataclass(frozen=True)
class Register:
    """Where a register of patents stands: the source it landed from, schemas of its models."""

    source: str
    marts: str
    models: str


REAL: Final = Register("patent_register", marts="main", models="intermediate")
SIMULATED: Final = Register("simulated_register", marts="simulated", models="simulated")


def register(*, simulated: bool) -> Register:
    """The simulated register, or the one of the real world."""
    return SIMULATED if simulated else REAL


def has_register(connection: duckdb.DuckDBPyConnection, register: Register) -> bool:
    """Whether the served build holds it: the simulated one is there only where one has landed."""
    schemas = "select 1 from information_schema.schemata where schema_name = ?"
    return connection.execute(schemas, [register.models]).fetchone() is not None


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The served database, read-only, closed to files, extensions and further settings."""
    if not settings.served.exists():
        raise NothingPublished(
            f"nothing is published under {settings.warehouse}: run `ipw run` first"
        )
    connection = duckdb.connect(str(settings.served), read_only=True)
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def query(settings: Settings, sql: str) -> pl.DataFrame:
    """The rows of one statement typed by a person. Raises duckdb.Error, NothingPublished."""
    with connect(settings) as connection:
        if len(connection.extract_statements(sql)) != 1:
            raise duckdb.InvalidInputException("give one statement, no more and no less")
        relation = connection.sql(sql)
        if relation is None:
            return pl.DataFrame()
        if twice := {name for name in relation.columns if relation.columns.count(name) > 1}:
            raise duckdb.InvalidInputException(
                f"two columns are named {', '.join(sorted(twice))}; rename one with AS"
            )
        # Not by Arrow: with numpy installed DuckDB 2.0 then prints of leaks when the process ends.
        return pl.DataFrame(
            relation.fetchall(), schema=relation.columns, orient="row", infer_schema_length=None
        )


def rows(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
) -> list[dict[str, Any]]:
    """The rows of our own statement, by column; what a person typed comes as parameters."""
    cursor = connection.execute(sql, parameters)
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def scorecard(
    settings: Settings, plan_id: str, as_of: dt.date | None = None
) -> list[dict[str, Any]]:
    """A plan's targets, main indicators first; as of a day, as they would have stood on it.

    Raises LookupError for a plan nobody knows.
    """
    with connect(settings) as connection:
        known = connection.execute("select plan_id from dim_plan order by all").fetchall()
        if (plan_id,) not in known:
            names = ", ".join(name for (name,) in known)
            raise LookupError(f"no plan {plan_id!r}; known: {names}")
        scorecard, values = "mart_plan_scorecard where plan_id = ?", [plan_id]
        if as_of:
            scorecard, values = "plan_scorecard_as_of(?, ?)", [plan_id, as_of.isoformat()]
        return rows(
            connection,
            f"select * from {scorecard} "  # noqa: S608 - one of the two above
            "order by indicator_no nulls last, name_en, ref_area, target_period",
            values,
        )
