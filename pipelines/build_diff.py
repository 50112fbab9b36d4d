"""What differs between two published builds: facts by key, other tables by their hashes.

Not here: differences between vintages within one build (mart_revision).
"""

# ruff: noqa: S608 - names are of the catalogue
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from pipelines import build
from pipelines.serve import rows
from pipelines.settings import Settings

FACT: Final = "fct_observation"
KEY: Final = ("indicator_id", "ref_area", "freq", "time_period", "vintage", "source_id")
#: Columns of a fact that say what it is; when its bytes were got again is no change of it.
TOLD: Final = (
    "obs_value", "value_low", "value_high", "unit_measure", "obs_status", "value_as_published",
    "release_id", "trust", "is_derived", "is_proxy", "qualifier", "correction_reason",
)  # fmt: skip
#: Facts of each kind that are listed.
LISTED: Final = 1_000


class NoSuchBuild(LookupError):
    """A build that is not on disk."""


@dataclass(frozen=True)
class Difference:
    """counts: facts added, removed, changed, and equal. facts: the first LISTED of those that are
    not equal. tables: those whose content differs, with rows before and after (None: not there).
    """

    before: str
    after: str
    counts: dict[str, int]
    facts: list[dict[str, Any]]
    tables: dict[str, tuple[int | None, int | None]]


def diff(settings: Settings, before: str, after: str) -> Difference:
    """Compare two builds by id. Raises NoSuchBuild."""
    folders = [folder_of(settings, name) for name in (before, after)]
    old, new = (build.manifest_of(folder)["tables"] for folder in folders)
    files = {
        "old": str(folders[0] / old[FACT]["parquet"]["file"]),
        "new": str(folders[1] / new[FACT]["parquet"]["file"]),
    }
    same = " and ".join(f"old.{name} is not distinct from new.{name}" for name in KEY)
    key = ", ".join(f"coalesce(new.{name}, old.{name}) as {name}" for name in KEY)
    equal = " and ".join(f"old.{name} is not distinct from new.{name}" for name in TOLD)
    compared = f"""
        select
            case
                when old.indicator_id is null then 'added'
                when new.indicator_id is null then 'removed'
                when {equal} then 'equal'
                else 'changed'
            end as kind,
            {key},
            old.obs_value as value_before,
            new.obs_value as obs_value,
            old.release_id as release_id_before,
            new.release_id as release_id
        from read_parquet($old) as old
        full outer join read_parquet($new) as new on {same}
    """
    with duckdb.connect() as memory:
        counted = rows(memory, f"select kind, count(*) as n from ({compared}) group by kind", files)
        facts = rows(
            memory,
            f"from ({compared}) where kind != 'equal' order by all limit {LISTED}",
            files,
        )
    counts = {"added": 0, "removed": 0, "changed": 0, "equal": 0}
    tables = {
        name: (old.get(name, {}).get("rows"), new.get(name, {}).get("rows"))
        for name in sorted({*old, *new})
        if old.get(name, {}).get("content_hash") != new.get(name, {}).get("content_hash")
    }
    return Difference(
        before, after, {**counts, **{c["kind"]: c["n"] for c in counted}}, facts, tables
    )


def folder_of(settings: Settings, build_id: str) -> Path:
    """The folder of a published build; a name is one of those on disk, never a path."""
    there = {p.name: p for p in settings.builds.glob("[!.]*") if p.is_dir()}
    if settings.current.exists():
        there["current"] = settings.current.resolve()
    if build_id not in there:
        raise NoSuchBuild(f"no build {build_id!r}; there are {', '.join(sorted(there)) or 'none'}")
    return there[build_id]
