"""Jobs: the whole warehouse, and one per source with everything that follows from it."""

from __future__ import annotations

from dagster import AssetSelection, define_asset_job
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from pipelines.source import Source

#: One run at a time, also when the daemon starts them; pipelines/lock.py guards other processes.
TAGS = {"ipw/writer": "true"}


def whole_job() -> UnresolvedAssetJobDefinition:
    """Everything: what `ipw run` and `make run` execute."""
    return define_asset_job("warehouse", selection=AssetSelection.all(), tags=TAGS)


def source_job(source: Source) -> UnresolvedAssetJobDefinition:
    """One source: its bytes, its rows, and every model of the build that serves them."""
    own = AssetSelection.key_prefixes(["raw", source.id]) | AssetSelection.key_prefixes([source.id])
    rest = AssetSelection.groups("staging", "intermediate", "marts", "reference", "published")
    return define_asset_job(source.id, selection=own | rest, tags=TAGS)
