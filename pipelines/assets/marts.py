"""The dbt models as assets, built into one private file; dbt's tests are their checks.

A failed test fails the step, so nothing after it publishes. Not here: SQL.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dagster import AssetExecutionContext, AssetKey, AssetsDefinition, Failure
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets

from pipelines import build, landed_files
from pipelines.resources import Warehouse

log = logging.getLogger("ipw")
GROUPS = ("staging", "intermediate", "marts")


class Translator(DagsterDbtTranslator):
    """Names groups after the layers; sources keep the keys of the landed assets."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """staging, intermediate, marts; reference for seeds."""
        layer = dbt_resource_props["fqn"][1] if len(dbt_resource_props["fqn"]) > 2 else "reference"
        return layer if layer in GROUPS else "reference"

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:  # noqa: ARG002
        """Whoever answers for the contracts answers for what is made of them."""
        return ["team:data-stewards"]

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """Models and seeds under `dbt/`, so that no model can take a source's key."""
        key = super().get_asset_key(dbt_resource_props)
        if dbt_resource_props["resource_type"] == "source":
            return key
        return AssetKey(["warehouse", *key.path[-1:]])


def dbt_models() -> AssetsDefinition:
    """All models and seeds. Needs dbt's manifest, which `make` writes before Dagster starts."""
    manifest = build.DBT_PROJECT / "target" / "manifest.json"
    if not manifest.exists():
        raise FileNotFoundError(f"{manifest} is missing: run `make manifest` once after a clone")

    @dbt_assets(manifest=manifest, dagster_dbt_translator=Translator(), name="build")
    def models(
        context: AssetExecutionContext, dbt: DbtCliResource, warehouse: Warehouse
    ) -> Iterator[Any]:
        settings = warehouse.settings
        if context.is_subset:
            raise Failure(
                "a build is made whole, in an empty file: materialise all models (the job "
                "`warehouse`, or the one of a source), not some of them",
                allow_retries=False,
            )
        made_from = build.inputs(settings)
        if made_from.fingerprint == build.published_fingerprint(settings):
            log.info("nothing changed: the served build is made from these inputs")
            return
        if wrong := landed_files.unaccounted(settings.landed, made_from.landed):
            raise Failure(
                f"landed files that are not as their landing left them: {', '.join(wrong)}; run "
                "`ipw run` without --source, which lands them again from the stored bytes",
                allow_retries=False,
            )
        log.info("building and testing the models (dbt)")
        bench = build.begin(settings, context.run_id, made_from).parent / build.BENCH
        with build.environment(settings, made_from):
            invocation = dbt.model_copy(update={"project_dir": str(bench)}).cli(
                build.arguments(made_from), context=context, target_path=settings.dbt_target
            )
            yield from invocation.stream()

    return models
