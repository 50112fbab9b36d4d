"""The published build as an asset: what readers open, once every model and test is good."""

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    MetadataValue,
    asset,
)

from pipelines import build
from pipelines import publish as publishing
from pipelines.resources import Warehouse


def published_build(models: AssetsDefinition) -> AssetsDefinition:
    """The asset published/current, after all dbt models."""

    @asset(
        key=AssetKey(["published", "current"]),
        # Not the simulated twins, which a build may lack; they are made in the same step.
        deps=sorted(key for key in models.keys if not key.path[-1].startswith(build.TWIN)),
        group_name="published",
        description="warehouse/current: the database file, one Parquet per table, manifest.json.",
        owners=["team:data-stewards"],
        kinds={"duckdb", "parquet"},
    )
    def published(context: AssetExecutionContext, warehouse: Warehouse) -> MaterializeResult[None]:
        settings = warehouse.settings
        manifest = publishing.publish(settings, context.run_id)
        return MaterializeResult(
            metadata={
                "build_id": manifest["build_id"],
                "fingerprint": manifest["fingerprint"],
                "path": MetadataValue.path(str(settings.served)),
                "rows": MetadataValue.json({n: t["rows"] for n, t in manifest["tables"].items()}),
            }
        )

    return published
