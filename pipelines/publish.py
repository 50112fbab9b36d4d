"""From a private build to the one that readers see: check, export, describe, switch.

A build that fails a check is left unpublished and says what failed. Readers open
warehouse/current/ip_warehouse.duckdb read-only at any time: the switch is one rename of a link.
Not here: how the build is made.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import shutil
import time
from pathlib import Path
from typing import Any

import duckdb

from pipelines import build, column_lineage, lineage
from pipelines.files import sha256_of, sync_folder, write_bytes, write_json
from pipelines.raw_store import RawStore
from pipelines.settings import Settings

log = logging.getLogger("ipw")
#: Schemas of the tables that readers use, with the names to export: the real world's, and the twins
#: on simulated records, whose intermediate tables lie in the same schema.
SERVED_SCHEMAS = {"main": ".*", "simulated": "(fct|mart)_.*"}
#: Schema of the models that hold values which their source's terms forbid to pass on.
WITHHELD_SCHEMA = "withheld"


class BuildRefused(RuntimeError):
    """A finished build that must not be published; the message says which check failed."""


def publish(settings: Settings, run_id: str) -> dict[str, Any]:
    """Check, export and describe a run's private build and make it current; returns its manifest.

    Raises BuildRefused. Keeps the newest `keep_builds` published builds.
    """
    private = build.private_folder(settings, run_id)
    inputs = build.begun(settings, run_id)
    now = dt.datetime.now(dt.UTC)
    build_id = build.next_build_id(settings, inputs.fingerprint, now)
    database = private / build.DATABASE
    with _connected(database) as connection:
        check(connection, _tables(connection, "main"))
        columns = lineage.catalogue(connection)
        withheld = withhold(connection)
    if withheld:
        build.rewrite(database)
    with _connected(database) as connection:
        marts = {
            table if schema == "main" else f"{schema}.{table}": _export(
                connection, private, schema, table
            )
            for schema in SERVED_SCHEMAS
            for table in _tables(connection, schema)
        }
        models = json.loads((settings.dbt_target / "manifest.json").read_text())
        store = RawStore(settings.raw)
        told = {
            "build_id": build_id,
            "fingerprint": inputs.fingerprint,
            "evaluation_date": inputs.evaluation_date,
            "whole_lists": inputs.whole_lists,
        }
        seeds = {n: sha256 for n, sha256 in inputs.dbt.items() if n.startswith("seeds/")}
        lineage.write(connection, models, _served(connection), store, told, seeds)
        steps = column_lineage.steps(models, columns, build.DBT_PROJECT / "target")
        lineage.write_columns(connection, steps)
        payloads = connection.execute(build.PAYLOADS).fetchall()
        connection.execute("checkpoint")
    manifest = {
        "build_id": build_id,
        "built_at": now.isoformat(timespec="seconds"),
        "fingerprint": inputs.fingerprint,
        "evaluation_date": inputs.evaluation_date,
        "whole_lists": inputs.whole_lists,
        "versions": inputs.versions,
        "revision": build.revision(),
        "inputs": {"landed": inputs.landed, "dbt": inputs.dbt},
        "payloads": payloads,
        "database": {"file": build.DATABASE, "sha256": sha256_of(database)},
        "tables": marts,
    }
    write_json(private / build.MANIFEST, manifest)
    # The manifest tells the hashes of all else; this tells its own.
    seal = sha256_of(private / build.MANIFEST)
    write_bytes(private / build.SEAL, f"{seal}\n".encode())
    (private / build.INPUTS).unlink()
    shutil.rmtree(private / build.BENCH)
    _sync(private)
    final = settings.builds / build_id
    private.rename(final)
    sync_folder(settings.builds)
    switch(settings, build_id)
    log.info("published %s, %d tables", build_id, len(marts))
    try:
        retire(settings)
    except OSError as error:  # the new build serves all the same; the next run tries again
        log.warning("old builds could not be removed: %s", error)
    return manifest


def check(connection: duckdb.DuckDBPyConnection, tables: list[str]) -> None:
    """What must hold of a whole build, beyond dbt's tests of its tables. Raises BuildRefused."""
    wanted = {"mart_plan_scorecard", "fct_observation", "fct_finding", "mart_data_quality"}
    if missing := sorted(wanted - set(tables)):
        raise BuildRefused(f"the build lacks {', '.join(missing)}")
    for table in ("mart_plan_scorecard", "fct_observation"):
        if not _count(connection, table):
            raise BuildRefused(
                f"{table} is empty: no figures of plans are landed; `ipw run` once "
                "without --source lands those of the checkout"
            )


def withhold(connection: duckdb.DuckDBPyConnection) -> int:
    """Take out of a build what may not be passed on; what was derived of it stays in the marts.

    Returns how many rows went; their bytes stay in the file until it is written anew.
    """
    schemas = "select table_name from information_schema.tables where table_schema = ?"
    rows = 0
    for (table,) in connection.execute(schemas, [WITHHELD_SCHEMA]).fetchall():
        rows += _count(connection, f"{WITHHELD_SCHEMA}.{table}")
    connection.execute(f"drop schema if exists {WITHHELD_SCHEMA} cascade")
    gone = "delete from intermediate.int_observation__unioned where not may_publish"
    [(count,)] = connection.execute(gone).fetchall()
    return rows + int(count)


def switch(settings: Settings, build_id: str) -> None:
    """Make a published build the current one, atomically; note on the one before when it ended."""
    if settings.current.exists():
        os.utime(settings.current.resolve())
    link = settings.warehouse / ".current-next"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("builds") / build_id)
    link.replace(settings.current)
    sync_folder(settings.warehouse)


def retire(settings: Settings) -> list[str]:
    """Remove the builds that may go; a build leaves its name first: no half build is in sight.

    Its manifest stays, so that it can be made again and compared.
    """
    old = retired(settings)
    for path in old:
        for name in (build.MANIFEST, build.SEAL):
            if (path / name).exists():
                write_bytes(settings.retired / path.name / name, (path / name).read_bytes())
        shutil.rmtree(path.rename(path.with_name(f".retired-{path.name}")))
    return [path.name for path in old]


def retired(settings: Settings) -> list[Path]:
    """Published builds beyond the newest `keep_builds`, never the current one.

    Nor one that was current less than `grace_seconds` ago: a reader may have found it and not yet
    opened it.
    """
    if not settings.builds.exists():
        return []
    current = settings.current.resolve().name
    builds = sorted(p for p in settings.builds.iterdir() if p.is_dir() and p.name[0] != ".")
    since = time.time() - settings.grace_seconds
    return [
        path
        for path in builds[: -settings.keep_builds]
        if path.name != current and path.stat().st_mtime <= since
    ]


def manifest_of(settings: Settings) -> dict[str, Any] | None:
    """The manifest of the build that is served, or None."""
    there = (settings.current / build.MANIFEST).exists()
    return build.manifest_of(settings.current) if there else None


def _connected(database: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(database), config={"memory_limit": "2GB"})


def _served(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The served tables as schema.table."""
    return [f"{s}.{table}" for s in SERVED_SCHEMAS for table in _tables(connection, s)]


def _tables(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables where table_schema = ? "
        "and table_name similar to ? order by all",
        [schema, SERVED_SCHEMAS[schema]],
    ).fetchall()
    return [name for (name,) in rows]


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.table(table).count("*").fetchall()[0][0])


def _export(
    connection: duckdb.DuckDBPyConnection, folder: Path, schema: str, table: str
) -> dict[str, Any]:
    """One Parquet file per served table; returns its rows and a hash that ignores their order.

    Tables of another schema than main have a folder of their own.
    """
    place = Path("parquet") if schema == "main" else Path("parquet") / schema
    path = folder / place / f"{table}.parquet"
    path.parent.mkdir(exist_ok=True, parents=True)
    rows = connection.table(f"{schema}.{table}")
    rows.write_parquet(str(path), compression="zstd")
    # Table names come from the catalogue; the struct makes one value of a row.
    digest = rows.aggregate(f'sum(hash("{table}")::hugeint)::varchar as digest').fetchall()[0][0]
    return {
        "rows": _count(connection, f"{schema}.{table}"),
        "content_hash": digest,
        "parquet": {"file": (place / path.name).as_posix(), "sha256": sha256_of(path)},
    }


def _sync(folder: Path) -> None:
    """Force a build's files to disk before anyone is sent to them."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)
