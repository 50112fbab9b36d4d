"""The schema `lineage` of a build: from every served row back to landed rows, and to their bytes.

One view per served table, `lineage.<table>` (`lineage.simulated__<table>` for the twins): the key
of a row, and of each landed row that it was made from `origin` (the relation), `raw_sha256` and
`raw_row`. Beside them: `landing` (what became of payloads), `receipt` (how their bytes came),
`reviewed_file` (seeds), `step` (the declarations), `build` (this build), `column` and
`column_origin`. Steps are declared in dbt_project/lineage.yml. Not here: reading columns out of SQL
(column_lineage.py), walking and checking (trace.py).
"""

# ruff: noqa: S608 - names are of the catalogue and of declarations in the project
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import duckdb
import polars as pl
import yaml

from pipelines.build import DBT_PROJECT, TWIN
from pipelines.raw_store import RawStore

SCHEMA: Final = "lineage"
DECLARED: Final = DBT_PROJECT / "lineage.yml"
#: What a landed row is known by.
PLACE: Final = ("raw_sha256", "raw_row")
_LANDING: Final = "landing"
_REF: Final = re.compile(r"\{ref:(\w+)\}")


class LineageError(ValueError):
    """A table without declared steps, or steps that do not fit the build."""


@dataclass(frozen=True)
class Step:
    """One step from a row back; see dbt_project/lineage.yml."""

    origin: str
    same: tuple[str, ...] = ()
    where: str = "true"
    via: str = ""
    row: str | None = None


@dataclass(frozen=True)
class Table:
    """A relation of the build. name: as in dbt, twins by their own; key: what identifies a row (all
    of it where nothing less does)."""

    name: str
    relation: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    seed: str | None

    @property
    def view(self) -> str:
        """Its lineage, quoted."""
        return f'{SCHEMA}."{self.name}"'

    @property
    def names_its_rows(self) -> bool:
        """Whether it says itself which landed row a row is."""
        return set(PLACE) <= set(self.columns)


@cache
def declared() -> dict[str, list[Step]]:
    """The steps of dbt_project/lineage.yml, by table."""
    text: dict[str, list[dict[str, Any]]] = yaml.safe_load(DECLARED.read_text("utf-8"))
    return {table: [_step(**step) for step in steps] for table, steps in text.items()}


def _step(*, same: Iterable[str] = (), **told: str) -> Step:
    return Step(told.pop("from"), tuple(same), **told)


def write(
    connection: duckdb.DuckDBPyConnection,
    manifest: Mapping[str, Any],
    served: Iterable[str],
    store: RawStore,
    build: Mapping[str, str],
    seeds: Mapping[str, str],
) -> None:
    """Write the schema, but for columns, into a build whose withheld rows are out.

    manifest: dbt's, of this build. served: tables as `schema.table`. build: what the table of that
    name says. seeds: reviewed files by hash. Raises LineageError for a table whose steps are not
    declared.
    """
    connection.execute(f"create or replace schema {SCHEMA}")
    _put(connection, "build", pl.DataFrame([build]))
    files = {"file": list(seeds), "raw_sha256": list(seeds.values())}
    _put(connection, "reviewed_file", pl.DataFrame(files, schema=dict.fromkeys(files, pl.String)))
    connection.execute(
        f"create table {SCHEMA}.{_LANDING} as "
        "select *, cast(null as bigint) as raw_row from staging.stg_operations__landing"
    )
    landed = connection.execute(
        f"select distinct source_id, raw_sha256, retrieved_at from {SCHEMA}.{_LANDING}"
    ).fetchall()
    _put(connection, "receipt", receipts(store, landed))
    tables = _tables(connection, manifest)
    by_relation = {table.relation.replace('"', ""): table for table in tables.values()}
    wanted = [by_relation[name] for name in served]
    names = {table.name for table in wanted}
    steps = []
    for table in wanted:
        _view(connection, table, tables, names)
        steps += [
            (table.name, number, *_told(step)) for number, step in enumerate(_steps(table), 1)
        ]
    schema = {
        "table_name": pl.String,
        "step": pl.Int64,
        "origin": pl.String,
        "condition": pl.String,
    }
    _put(connection, "step", pl.DataFrame(steps, schema=schema, orient="row"))


def catalogue(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, dict[str, str]]]:
    """Schema to table to column to type, of all that is in the build."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for schema, table, column, kind in connection.execute(
        "select table_schema, table_name, column_name, data_type from information_schema.columns "
        "order by table_schema, table_name, ordinal_position"
    ).fetchall():
        found.setdefault(schema, {}).setdefault(table, {})[column] = kind
    return found


def write_columns(connection: duckdb.DuckDBPyConnection, steps: Iterable[tuple[str, ...]]) -> None:
    """The table `column` and, all the way back, the view `column_origin`.

    steps: as column_lineage.steps gives them. What stands before withheld columns is told, too:
    names of columns are no values.
    """
    names = ["table_schema", "table_name", "column_name"]
    schema = dict.fromkeys([*names, *(f"origin_{name}" for name in names)], pl.String)
    _put(connection, "column", pl.DataFrame(list(steps), schema=schema, orient="row"))
    connection.execute(
        f"""
        create view {SCHEMA}.column_origin as
        with recursive walked as (
            select * from {SCHEMA}."column"
            union
            select
                walked.table_schema,
                walked.table_name,
                walked.column_name,
                further.origin_table_schema,
                further.origin_table_name,
                further.origin_column_name
            from walked
            inner join {SCHEMA}."column" as further
                on
                    walked.origin_table_schema = further.table_schema
                    and walked.origin_table_name = further.table_name
                    and walked.origin_column_name = further.column_name
        )

        select * from walked
        anti join {SCHEMA}."column" as further
            on
                walked.origin_table_schema = further.table_schema
                and walked.origin_table_name = further.table_name
                and walked.origin_column_name = further.column_name
        """
    )


def _tables(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> dict[str, Table]:
    """The relations of the build that dbt made, by their name in dbt."""
    keys = {
        node["attached_node"]: tuple(node["test_metadata"]["kwargs"]["columns"])
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node.get("test_metadata", {}).get("name") == "unique_key"
    }
    found = connection.execute(
        "select table_schema, table_name, list(column_name order by ordinal_position) "
        "from information_schema.columns group by all"
    ).fetchall()
    columns = {(schema, name): tuple(names) for schema, name, names in found}
    tables = {
        node["name"]: Table(
            node["name"],
            f'"{node["schema"]}"."{node["alias"]}"',
            columns[node["schema"], node["alias"]],
            keys.get(unique_id, columns[node["schema"], node["alias"]]),
            node["original_file_path"] if node["resource_type"] == "seed" else None,
        )
        for unique_id, node in manifest["nodes"].items()
        if (node["resource_type"] in ("model", "seed"))
        and (node["schema"], node["alias"]) in columns
    }
    landing = columns["staging", "stg_operations__landing"]
    return {
        **tables,
        _LANDING: Table(_LANDING, f"{SCHEMA}.{_LANDING}", (*landing, *PLACE), (), None),
    }


def _steps(table: Table) -> list[Step]:
    name = table.name.removeprefix(TWIN)
    if name not in declared():
        raise LineageError(f"{table.name}: its rows' origin is not declared in {DECLARED.name}")
    return declared()[name]


def _view(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    tables: Mapping[str, Table],
    served: set[str],
) -> None:
    """Make a table's view, after those that it stands on."""
    made = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    if connection.execute(made, [SCHEMA, table.name]).fetchone():
        return
    arms = []
    if table.names_its_rows:
        arms.append(
            f"select {_key(table, 'mart')}, '{table.name}' as origin, mart.raw_sha256, "
            f"mart.raw_row from {table.relation} as mart where mart.raw_sha256 is not null"
        )
    for step in _steps(table):
        origin = _named(step.origin, table, tables)
        walks = origin.name in served and origin != table
        if walks:
            _view(connection, origin, tables, served)
        arms.append(_arm(table, step, origin, tables, walks=walks))
    if not arms:
        raise LineageError(f"{table.name}: it has neither {' and '.join(PLACE)} nor a step")
    comment = f"Landed rows that each row of {table.relation} was made from".replace("'", "''")
    connection.execute(f"create view {table.view} as {' union all '.join(arms)}")
    connection.execute(f"comment on view {table.view} is '{comment}'")


def _arm(
    table: Table, step: Step, origin: Table, tables: Mapping[str, Table], *, walks: bool
) -> str:
    """One step as SQL. Its parts are the project's own: declarations, names of the catalogue."""
    same = [f"mart.{name} is not distinct from origin.{name}" for name in step.same]
    same.append(f"({_sql(step.where, table, tables)})")
    joins = [
        _sql(step.via, table, tables),
        f"inner join {origin.relation} as origin on {' and '.join(same)}",
    ]
    place = [f"origin.{name}" for name in PLACE]
    if walks:
        alike = [f"origin.{name} is not distinct from further.{name}" for name in origin.key]
        joins.append(f"inner join {origin.view} as further on {' and '.join(alike)}")
        place = [f"further.{name}" for name in PLACE]
    elif origin.seed:
        file = f"(select raw_sha256 from {SCHEMA}.reviewed_file where file = '{origin.seed}')"
        place = [file, "cast(null as bigint)"]
    elif step.row:
        place[1] = step.row
    elif not origin.names_its_rows:
        raise LineageError(f"{table.name}: {origin.name} does not name landed rows")
    return (
        f"select {_key(table, 'mart')}, '{origin.name}' as origin, {place[0]} as raw_sha256, "
        f"{place[1]} as raw_row from {table.relation} as mart {' '.join(joins)}"
    )


def _sql(text: str, table: Table, tables: Mapping[str, Table]) -> str:
    """A declaration's SQL with the relations of this build."""
    is_twin = table.name.startswith(TWIN)
    text = text.replace("{register}", "simulated_register" if is_twin else "patent_register")
    return _REF.sub(lambda ref: _named(ref[1], table, tables).relation, text)


def _named(name: str, table: Table, tables: Mapping[str, Table]) -> Table:
    """The relation of that name; its twin where the table is one."""
    if table.name.startswith(TWIN) and TWIN + name in tables:
        return tables[TWIN + name]
    if name not in tables:
        raise LineageError(f"{table.name}: there is no {name} in the build")
    return tables[name]


def _key(table: Table, alias: str) -> str:
    return ", ".join(f'{alias}."{name}"' for name in table.key)


def _told(step: Step) -> tuple[str, str]:
    parts = [" and ".join(step.same), "" if step.where == "true" else step.where.strip()]
    return step.origin, "; ".join(part for part in parts if part)


def receipts(store: RawStore, landed: Iterable[tuple[str, str, str]]) -> pl.DataFrame:
    """Receipts of landed payloads (source, hash, when they came), one row each."""
    wanted = set(landed)
    schema = {
        "source_id": pl.String, "raw_sha256": pl.String, "name": pl.String, "url": pl.String,
        "requested_at": pl.String, "finished_at": pl.String, "http_status": pl.Int64,
        "size": pl.Int64, "release_date": pl.String, "licence": pl.String, "receipt": pl.String,
    }  # fmt: skip
    rows = [
        [
            path if name == "receipt" else getattr(receipt, name.removeprefix("raw_"))
            for name in schema
        ]
        for source_id in sorted({source for source, _, _ in wanted})
        for path, receipt in store.filed(source_id)
        if (source_id, receipt.sha256, receipt.finished_at) in wanted
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _put(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """A table of the schema. Not by Arrow: see serve.query."""
    types = {pl.String: "varchar", pl.Int64: "bigint"}
    columns = ", ".join(f'"{column}" {types[type(t)]}' for column, t in frame.schema.items())
    connection.execute(f'create table {SCHEMA}."{name}" ({columns})')
    values = ", ".join(["unnest(?)"] * frame.width)
    if frame.height:
        lists = [series.to_list() for series in frame]
        connection.execute(f'insert into {SCHEMA}."{name}" select {values}', lists)
