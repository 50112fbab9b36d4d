"""From rows of a published table back to the landed rows they were made from, the receipts of the
bytes, and the bytes themselves, read through and held against their hash.

Walks the views of the schema `lineage`. Not here: what leads where (dbt_project/lineage.yml), how a
record is found in its bytes (evidence.py), printing.
"""

# ruff: noqa: S608 - names are of the catalogue and of declarations in the project
from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

from pipelines import serve
from pipelines.build import DBT_PROJECT, TWIN
from pipelines.evidence import Bytes, bytes_of
from pipelines.files import sha256_of
from pipelines.raw_store import RawStore
from pipelines.settings import CHECKOUT, Settings

#: Rows of the table that are traced, and landed rows of each that are shown with their bytes.
ROWS: Final = 20
LANDED: Final = 50


class NoSuchTable(LookupError):
    """A name that is no served table."""


@dataclass(frozen=True)
class Origin:
    """One landed row (raw_row None: a whole payload) that a traced row was made from.

    reached_by: relations whose steps lead here. landed: what the landed tables hold of it, by
    `source.table`. receipt: how the bytes came, None for a reviewed file of the checkout.
    """

    reached_by: list[str]
    raw_sha256: str
    raw_row: int | None
    landed: dict[str, list[dict[str, Any]]]
    receipt: dict[str, Any] | None
    bytes: Bytes


@dataclass(frozen=True)
class Traced:
    """A row of the table, and its origins: the first LANDED; how many there are by relation, and
    in all."""

    table: str
    row: dict[str, Any]
    origins: list[Origin]
    counted: dict[str, int] = field(default_factory=dict)
    in_all: int = 0

    @property
    def unproven(self) -> list[str]:
        """Why bytes do not prove what they should, each reason once."""
        wrong = [o.bytes for o in self.origins if o.bytes.state != "verified"]
        return list(dict.fromkeys(b.message or f"raw object {b.path}: {b.state}" for b in wrong))


def trace(settings: Settings, table: str, where: str = "true", rows: int = ROWS) -> list[Traced]:
    """Trace the first rows of a served table that a condition holds for.

    where: SQL over the table's columns, run read-only as by `ipw query`. Raises NoSuchTable,
    NothingPublished, duckdb.Error.
    """
    with serve.connect(settings, typed=True) as connection:
        relation, view = _served(connection, table)
        # A person's SQL, on a connection that can neither write nor reach files.
        chosen = f"select * from {relation} where ({where}) limit {int(rows)}"
        if len(connection.extract_statements(chosen)) != 1:
            raise duckdb.InvalidInputException("give one condition, without a semicolon")
        found = serve.rows(connection, chosen)
        return [_traced(settings, connection, table, view, row) for row in found]


def _served(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[str, str]:
    """The relation and its lineage, both quoted."""
    schema, _, name = table.rpartition(".")
    view = f"{TWIN if schema == 'simulated' else ''}{name}"
    known = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    for asked in ((schema or "main", name), ("lineage", view)):
        if not connection.execute(known, list(asked)).fetchone():
            names = connection.execute(
                "select distinct table_name from lineage.step order by all"
            ).fetchall()
            listed = ", ".join(n.replace(TWIN, "simulated.") for (n,) in names)
            raise NoSuchTable(f"no table {table!r}; there are {listed}")
    return f'"{schema or "main"}"."{name}"', f'lineage."{view}"'


def _traced(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    table: str,
    view: str,
    row: dict[str, Any],
) -> Traced:
    names = {c[0] for c in connection.execute(f"describe {view}").fetchall()}
    # `origin`, `raw_sha256` and `raw_row` tell where the row leads, unless they are of its key.
    key = [name for name in row if name in names and name not in ("raw_sha256", "raw_row")]
    same = " and ".join(f'"{name}" is not distinct from ${n}' for n, name in enumerate(key, 1))
    reached = (
        f"select origin, raw_sha256, raw_row from {view} where {same} and raw_sha256 is not null"
    )
    values = [row[name] for name in key]
    counted = serve.rows(
        connection,
        f"select origin, count(distinct (raw_sha256, raw_row)) as landed from ({reached}) "
        "group by origin order by origin",
        values,
    )
    places = serve.rows(
        connection,
        f"select raw_sha256, raw_row, list(distinct origin order by origin) as reached_by "
        f"from ({reached}) group by all order by raw_sha256, raw_row",
        values,
    )
    origins = [_origin(settings, connection, place) for place in places[:LANDED]]
    by_origin = {c["origin"]: c["landed"] for c in counted}
    return Traced(table, row, origins, by_origin, len(places))


def _origin(
    settings: Settings, connection: duckdb.DuckDBPyConnection, place: dict[str, Any]
) -> Origin:
    sha256, row = place["raw_sha256"], place["raw_row"]
    reviewed = serve.rows(
        connection, "select file from lineage.reviewed_file where raw_sha256 = ?", [sha256]
    )
    if reviewed:
        return Origin(
            place["reached_by"], sha256, None, {}, None, _reviewed(reviewed[0]["file"], sha256)
        )
    receipts = serve.rows(
        connection,
        "select * from lineage.receipt where raw_sha256 = ? order by finished_at limit 1",
        [sha256],
    )
    landed = _landed(settings, connection, sha256, row)
    adapter = next((r["adapter"] for rows in landed.values() for r in rows if "adapter" in r), None)
    stored = bytes_of(RawStore(settings.raw), sha256, row or 1, adapter)
    if row is None:
        stored = Bytes(
            stored.sha256, stored.path, stored.state, stored.size, message=stored.message
        )
    return Origin(
        place["reached_by"], sha256, row, landed, receipts[0] if receipts else None, stored
    )


def _reviewed(file: str, sha256: str) -> Bytes:
    """A reviewed table of the checkout: the file that the build read, if it still is."""
    path = DBT_PROJECT / file
    shown = str(path.relative_to(CHECKOUT))
    if not path.exists():
        return Bytes(sha256, shown, "missing", message=f"{shown} is not in the checkout any more")
    if sha256_of(path) != sha256:
        return Bytes(
            sha256, shown, "altered", message=f"{shown} was changed after the build that is served"
        )
    return Bytes(sha256, shown, "verified", path.stat().st_size)


def _landed(
    settings: Settings, connection: duckdb.DuckDBPyConnection, sha256: str, row: int | None
) -> dict[str, list[dict[str, Any]]]:
    """The accepted rows that were read at that place, from the landed Parquet files."""
    if row is None:
        return {}
    tables = serve.rows(
        connection,
        "select distinct source_id, table_name from lineage.landing "
        "where raw_sha256 = ? and rows_accepted > 0 order by all",
        [sha256],
    )
    found = {}
    for table in tables:
        folder: Path = settings.landed / table["source_id"] / table["table_name"]
        frame = (
            pl.scan_parquet(folder / "*.parquet")
            .filter((pl.col("raw_sha256") == sha256) & (pl.col("raw_row") == row))
            .collect()
        )
        if frame.height:
            found[f"{table['source_id']}.{table['table_name']}"] = [
                {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in line.items()}
                for line in frame.to_dicts()
            ]
    return found
