"""Raw assets: one per source, the bytes that were got and a receipt for every attempt.

No retry policy here: retries of requests live in pipelines/fetch.py, in one place.
"""

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    FreshnessPolicy,
    MaterializeResult,
    MetadataValue,
    asset,
)

from pipelines import ingest
from pipelines.resources import Warehouse
from pipelines.source import Source


def raw_asset(source: Source) -> AssetsDefinition:
    """The asset raw/<source>."""

    @asset(
        key=["raw", source.id],
        group_name="raw",
        description=f"{source.title}. Publisher: {source.publisher}. "
        f"Licence: {source.licence.id} ({source.licence.attribution}).",
        owners=["team:data-stewards"],
        kinds={"python", "file"},
        tags={"source": source.id},
        freshness_policy=FreshnessPolicy.time_window(fail_window=source.cadence.late_after),
        metadata={
            "address": MetadataValue.text(
                source.default_base_url if not source.offline else "checkout"
            ),
            "licence": source.licence.id,
            "cadence": source.cadence.name.lower(),
            **{name: MetadataValue.url(link) for name, link in source.links.items()},
        },
    )
    def raw(context: AssetExecutionContext, warehouse: Warehouse) -> MaterializeResult[None]:
        settings = warehouse.settings
        report = ingest.collect(source, settings, live=warehouse.live)
        for error in report.errors:
            context.log.error("%s: %s", source.id, error)
        newest = max((r.release_date for r in report.receipts if r.release_date), default=None)
        return MaterializeResult(
            metadata={
                "attempts": len(report.receipts),
                "new": report.count("stored"),
                "unchanged": report.count("unchanged"),
                "incomplete": report.count("incomplete"),
                "failed": report.count("failed"),
                "release_date": newest or "not stated",
                "errors": MetadataValue.json(report.errors),
            }
        )

    return raw
