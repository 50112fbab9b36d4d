"""Reading what is published: read-only, without the network, from the current build.

Not here: printing.
"""

from __future__ import annotations

import datetime as dt
import threading
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


def connect(settings: Settings, *, typed: bool = False) -> duckdb.DuckDBPyConnection:
    """The served database, read-only, closed to files, extensions and further settings.

    typed: for what a person typed: with bounded memory and threads, and without a folder to spill
    into, which would lie beside the served file.
    """
    if not settings.served.exists():
        raise NothingPublished(
            f"nothing is published under {settings.warehouse}: run `ipw run` first"
        )
    try:
        connection = duckdb.connect(str(settings.served), read_only=True)
    except duckdb.Error as error:
        raise NothingPublished(str(error)) from error
    if typed:
        connection.execute("set memory_limit = ?", [f"{settings.query_memory_bytes}B"])
        connection.execute("set threads = ?", [settings.query_threads])
        connection.execute("set temp_directory = ''")
    connection.execute("set enable_external_access = false")
    # Closed to files, DuckDB still opens the database's own file and its log to whoever names them,
    # and a COPY would write over what is served. The file that is open already stays open.
    connection.execute("set disabled_filesystems = 'LocalFileSystem'")
    connection.execute("set lock_configuration = true")
    return connection


def query(settings: Settings, sql: str) -> pl.DataFrame:
    """The rows of one statement typed by a person, within the settings' limits.

    Raises duckdb.Error (also for a statement that does more than read, and for one beyond the
    limits of memory, time or rows), NothingPublished.
    """
    with connect(settings, typed=True) as connection:
        statement = _reading(connection, sql)
        limit = settings.query_seconds
        stop = threading.Timer(limit, connection.interrupt)
        stop.start()
        try:
            cursor = connection.execute(statement)
            found = cursor.fetchmany(settings.query_rows + 1)
        except duckdb.InterruptException as error:
            raise duckdb.InterruptException(
                f"stopped after {limit:g} s, the longest that a query may take (IPW_QUERY_SECONDS)"
            ) from error
        finally:
            stop.cancel()
        if len(found) > settings.query_rows:
            raise duckdb.InvalidInputException(
                f"more than {settings.query_rows:,} rows, the most that are shown "
                "(IPW_QUERY_ROWS); add a LIMIT"
            )
        names = [column[0] for column in cursor.description or []]
        if twice := {name for name in names if names.count(name) > 1}:
            raise duckdb.InvalidInputException(
                f"two columns are named {', '.join(sorted(twice))}; rename one with AS"
            )
        try:
            # Not by Arrow: with numpy installed DuckDB 2.0 prints of leaks when the process ends.
            return pl.DataFrame(found, schema=names, orient="row", infer_schema_length=None)
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
            raise duckdb.InvalidInputException(
                f"a column cannot be shown, cast it to VARCHAR: {error}"
            ) from error


def _reading(connection: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement:
    """The one statement in a text. Raises duckdb.InvalidInputException unless it only reads.

    The connection is closed already; this says so in plain words, before DuckDB runs anything.
    """
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise duckdb.InvalidInputException("give one statement, no more and no less")
    try:
        kind = statements[0].type
    except ValueError:  # a kind that the library has no name for, such as UPDATE EXTENSIONS
        kind = duckdb.StatementType.INVALID
    explained = kind == duckdb.StatementType.EXPLAIN and "analy" not in sql.lower()
    if kind != duckdb.StatementType.SELECT and not explained:
        raise duckdb.InvalidInputException(
            f"{kind.name} is not run: the published warehouse is read-only and closed to files "
            "and settings; ask with SELECT, FROM, WITH, VALUES, DESCRIBE, SHOW, SUMMARIZE, or "
            "EXPLAIN without ANALYZE"
        )
    return statements[0]


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
