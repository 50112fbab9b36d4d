"""Landed assets: one per source and table, the rows that its contract accepted.

Each carries two checks: `rows_accounted` (blocking: no row may vanish) and `contract` (a warning:
rows or payloads were kept out, the others serve); one of a source's tables carries `fresh` (a
warning: what is late, and by how much). Not here: the contracts, when something is late.
"""

from collections.abc import Iterator

import polars as pl
from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    MetadataValue,
    multi_asset,
)

from pipelines import ingest, status
from pipelines.landing import Landing
from pipelines.raw_store import RawStore
from pipelines.resources import Warehouse
from pipelines.settings import Settings
from pipelines.source import Source

Result = MaterializeResult[None] | AssetCheckResult


def landed_assets(source: Source) -> AssetsDefinition:
    """The assets <source>/<table>, under the keys by which dbt knows its sources."""
    keys = {table: AssetKey([source.id, table]) for table in source.tables}

    @multi_asset(
        name=f"land_{source.id}",
        specs=[
            AssetSpec(
                key,
                deps=[AssetKey(["raw", source.id])],
                group_name="landed",
                description=" ".join((source.tables[table].__doc__ or "").split()),
                owners=["team:data-stewards"],
                kinds={"python", "parquet", "pandera"},
                tags={"source": source.id},
            )
            for table, key in keys.items()
        ],
        check_specs=[
            AssetCheckSpec(name, asset=key, blocking=name == "rows_accounted")
            for key in keys.values()
            for name in ("rows_accounted", "contract")
        ]
        + [AssetCheckSpec("fresh", asset=keys[_dated(source)])],
    )
    def land(context: AssetExecutionContext, warehouse: Warehouse) -> Iterator[Result]:
        settings = warehouse.settings
        done = ingest.land(source, settings)
        ingest.describe_datasets(settings)
        for result in done:
            if result.outcome == "refused":
                context.log.error("%s: %s refused: %s", source.id, result.file, result.message)
        lander = Landing(source, RawStore(settings.raw), settings.landed)
        history = lander.history()
        for table, key in keys.items():
            payloads = lander.payloads(table)
            yield _materialised(key, payloads, sum(r.table_name == table for r in done))
            rows = int(payloads["rows"].sum())
            yield from _checks(key, rows, history.filter(pl.col("table_name").is_in([table, "*"])))
        yield _fresh(keys[_dated(source)], source, warehouse.settings)

    return land


def _dated(source: Source) -> str:
    """The table that tells which periods the source covers, or its first."""
    return source.covers[0] if source.covers else next(iter(source.tables))


def _fresh(key: AssetKey, source: Source, settings: Settings) -> AssetCheckResult:
    """Whether the source's data are as new as they should be; one that never landed is not late."""
    [line] = [
        line
        for line in status.of_source(source, settings)
        if line.dataset == f"{source.id}.{_dated(source)}"
    ]
    return AssetCheckResult(
        check_name="fresh",
        asset_key=key,
        passed=line.freshness != "late",
        severity=AssetCheckSeverity.WARN,
        metadata={
            name: MetadataValue.null() if told is None else told
            for name, told in {
                "freshness": line.freshness,
                "period_to": line.period_to,
                "late_by_days": line.late_by_days,
                "period_late_by_days": line.period_late_by_days,
            }.items()
        },
    )


def _materialised(key: AssetKey, payloads: pl.DataFrame, tried: int) -> MaterializeResult[None]:
    hashes = payloads["raw_sha256"].unique().sort().to_list()
    releases = payloads["release_date"].drop_nulls().unique().sort().to_list()
    return MaterializeResult(
        asset_key=key,
        metadata={
            "dagster/row_count": int(payloads["rows"].sum()),
            "payloads_judged_now": tried,
            "release_dates": MetadataValue.json([str(day) for day in releases]),
            "raw_sha256": MetadataValue.json(hashes),
        },
    )


def _checks(key: AssetKey, rows: int, history: pl.DataFrame) -> Iterator[AssetCheckResult]:
    landed = history.filter(pl.col("outcome") == "landed")
    names = ("rows_in", "rows_accepted", "rows_quarantined")
    rows_in, accepted, quarantined = (int(landed[name].sum()) for name in names)
    yield AssetCheckResult(
        asset_key=key,
        check_name="rows_accounted",
        passed=rows_in == accepted + quarantined and rows == accepted,
        metadata={
            "rows_in": rows_in,
            "accepted": accepted,
            "quarantined": quarantined,
            "rows_on_disk": rows,
        },
    )
    refused = history.filter(pl.col("outcome") == "refused")
    yield AssetCheckResult(
        asset_key=key,
        check_name="contract",
        passed=quarantined == 0 and refused.is_empty(),
        severity=AssetCheckSeverity.WARN,
        metadata={
            "quarantined": quarantined,
            "refused": MetadataValue.json(refused["message"].to_list()),
        },
    )
