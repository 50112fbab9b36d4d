"""The high-value stock of a simulated register: our build beside other ways, and the floor.

`python tests/bench/high_value.py [--home FOLDER] [--patents N …]` prints seconds and peak memory of
(a) our models from landed Parquet to the mart, (b) SQL that tests each year, (c) Polars, (d) a bare
scan of the columns that (a) reads, and whether (a) is where it should be. (a), (b) and (c) must
count the same. Registers are made once and kept in the home. Each run is a process of its own on
files that were read before. Not here: what the contestants do (high_value_*.py).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import duckdb
import landed_simulation
import polars as pl
import yaml
from high_value_floor import COLUMNS
from high_value_warehouse import DATABASE, MODELS
from measuring import COUNTS, Figures, measured
from polars.testing import assert_frame_equal

from pipelines.build import DBT_PROJECT
from pipelines.settings import Settings
from pipelines.simulation.lives import END

sys.path.append(str(Path(__file__).parents[1]))
import warehouse_runs as wr

MART: Final = "simulated__mart_high_value_stock"
SEED: Final = 1
CONTESTANTS: Final = {
    "a": ("warehouse", "our models"),
    "b": ("yearly", "SQL testing each year"),
    "c": ("polars", "Polars"),
    "d": ("floor", "bare scan"),
}
#: Most that (a) may need of the seconds of another, and of memory in bytes.
AIMS: Final = {"b": 0.35, "c": 1.0, "d": 5.0}
MEMORY: Final = 2 * 10**9
#: Small registers are measured several times; the best run counts.
REPEATS: Final = 3


def main() -> None:
    """Measure each size, and how the cost grows between them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "ipw_bench")
    parser.add_argument("--patents", type=int, nargs="+", default=[1_000_000, 10_000_000])
    options = parser.parse_args()
    reference = _reference(options.home)
    columns = _columns(options.home, reference)
    found = {count: _measure(options.home, count, reference, columns) for count in options.patents}
    for (small, before), (large, after) in zip(
        list(found.items()), list(found.items())[1:], strict=False
    ):
        print(f"{large:,} / {small:,} patents:")
        _judge("  a, wall", after["a"].wall / before["a"].wall, large / small)
        _judge("  a, CPU ", after["a"].cpu / before["a"].cpu, large / small)


def _reference(home: Path) -> Path:
    """A database of what the register's models stand on: seeds, rules, areas, population."""
    folder = home / "reference"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return wr.models(wr.land(folder), folder, MART, day=END)


def _register(home: Path, count: int) -> Settings:
    """A home whose landed tables are the simulated register's."""
    settings = Settings(home=home / str(count))
    if not settings.home.exists():
        unfinished = Settings(home=home / f".{count}")
        shutil.rmtree(unfinished.home, ignore_errors=True)
        landed_simulation.write(unfinished.landed, count, SEED)
        unfinished.home.rename(settings.home)
    return settings


def _columns(home: Path, reference: Path) -> dict[str, list[str]]:
    """The landed columns that the models read, by table: DuckDB's own plans of a small register."""
    found: dict[str, set[str]] = defaultdict(set)
    with tempfile.TemporaryDirectory(dir=home) as name:
        models = _models(_register(home, 1_000), Path(name))
        with duckdb.connect(shutil.copy(reference, name), config=models["settings"]) as database:
            for statement in models["statements"]:
                database.execute(f"explain (analyze, format json) {statement}")
                for scan in _scans(json.loads(database.fetchall()[0][1])):
                    table = Path(scan["Filename(s)"].partition(",")[0]).parent.name
                    read = scan["Projections"]
                    found[table].update([read] if isinstance(read, str) else read)
    return {table: sorted(columns) for table, columns in found.items()}


def _scans(plan: Any) -> Iterator[dict[str, Any]]:
    """What a plan tells of each scan of Parquet files."""
    for node in plan.values() if isinstance(plan, dict) else plan:
        if isinstance(node, dict) and "Filename(s)" in node:
            yield node
        elif isinstance(node, dict | list):
            yield from _scans(node)


def _measure(
    home: Path, count: int, reference: Path, columns: dict[str, list[str]]
) -> dict[str, Figures]:
    """Figures of every contestant on one register, printed."""
    settings = _register(home, count)
    repeats = REPEATS if count <= 1_000_000 else 1
    best: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(dir=home) as name:
        scratch = Path(name)
        models = _models(settings, scratch)
        _warm(settings.landed)
        for _ in range(repeats):
            for contestant, (script, _) in CONTESTANTS.items():
                folder = scratch / contestant
                folder.mkdir(exist_ok=True)
                if contestant == "a":
                    shutil.copy(reference, folder / DATABASE)
                    (folder / MODELS).write_text(json.dumps(models))
                if contestant == "d":
                    (folder / COLUMNS).write_text(json.dumps(columns))
                figures = measured(
                    Path(__file__).with_name(f"high_value_{script}.py"),
                    settings.landed / "simulated_register",
                    folder,
                )
                best[contestant] = min(figures, best.get(contestant, figures))
        _agree(*(pl.read_parquet(scratch / contestant / COUNTS) for contestant in "abc"))
    _report(count, best)
    return best


def _warm(landed: Path) -> None:
    for file in landed.rglob("*.parquet"):
        file.read_bytes()


def _models(settings: Settings, scratch: Path) -> dict[str, Any]:
    """DuckDB's settings of a build, and the statements of the register's models, in order."""
    wr.dbt(settings.home, scratch / DATABASE, "compile", "--select", f"+{MART}", day=END)
    nodes = json.loads((scratch / "target" / "manifest.json").read_text())["nodes"]
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())
    output = profile["ip_warehouse"]["outputs"]["build"]
    return {
        "settings": {"threads": output["threads"], **output["settings"]},
        "statements": [
            f"create or replace {node['config']['materialized']} "
            f"{node['schema']}.{node['alias']} as {_placed(node['compiled_code'], settings)}"
            for node in _in_order(nodes, f"model.ip_warehouse.{MART}", set())
            if node["config"]["materialized"] != "ephemeral"
        ],
    }


def _placed(sql: str, settings: Settings) -> str:
    """SQL whose landed files are named in full; see warehouse_runs.dbt."""
    return sql.replace("read_parquet('landed/", f"read_parquet('{settings.landed}/")


def _in_order(nodes: dict[str, Any], wanted: str, seen: set[str]) -> Iterator[dict[str, Any]]:
    """The register's models that a model stands on, each after its own, and the model itself."""
    if wanted in nodes and wanted not in seen:
        seen.add(wanted)
        for parent in nodes[wanted]["depends_on"].get("nodes", []):
            yield from _in_order(nodes, parent, seen)
        if nodes[wanted]["name"].startswith("simulated__"):
            yield nodes[wanted]


def _agree(ours: pl.DataFrame, *others: pl.DataFrame) -> None:
    """Raises AssertionError where a count of an area and year-end differs."""
    for other in others:
        assert_frame_equal(ours, other, check_dtypes=False)
    last = ours.filter(ref_area="CHN").tail(1).to_dicts()[0]
    print(f"\nequal counts in {len(ours)} areas and year-ends, the mainland's last: {last}")


def _report(count: int, best: dict[str, Figures]) -> None:
    print(f"{count:,} patents              wall s    CPU s     peak GB")
    for contestant, (_, title) in CONTESTANTS.items():
        run = best[contestant]
        print(
            f"  ({contestant}) {title:22} {run.wall:7.2f}  {run.cpu:7.2f}  {run.peak / 1e9:10.2f}"
        )
    ours = best["a"]
    for other, aim in AIMS.items():
        _judge(f"  a / {other}, wall", ours.wall / best[other].wall, aim)
        _judge(f"  a / {other}, CPU ", ours.cpu / best[other].cpu, aim)
    _judge("  a, peak GB", ours.peak / 1e9, MEMORY / 1e9)


def _judge(what: str, value: float, aim: float) -> None:
    print(f"{what:16} {value:8.2f}  aim: at most {aim:g}{'' if value <= aim else ', missed'}")


if __name__ == "__main__":
    main()
