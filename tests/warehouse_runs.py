"""Real runs of `ipw` on homes of their own, and reading what they publish.

Here: starting the command line as a user does, copying a home, querying a served build, building
marts as of another day. Not here: what the figures must be.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from pipelines import build, ingest
from pipelines.files import write_bytes
from pipelines.settings import CHECKOUT, Settings
from pipelines.sources import all_sources

FIGURES = CHECKOUT / "raw" / "official_releases"
Row = dict[str, Any]
#: Values for `?`, or by name for `$name`.
Parameters = list[Any] | dict[str, Any] | None


def environment(home: Path, **more: str) -> dict[str, str]:
    """The caller's environment without its IPW_ variables, for a run under `home`."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("IPW_")}
    return {**mine, "IPW_HOME": str(home), **more}


def start(home: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """`ipw` in a process group of its own; its output can be read."""
    return subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *arguments],
        env=environment(home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ipw(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`ipw` with arguments, to its end."""
    process = start(home, *arguments, **more)
    out, err = process.communicate(timeout=900)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def run(home: Path, **more: str) -> Path:
    """`ipw run`, which must publish everything; returns `home`."""
    done = ipw(home, "run", **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return home


def copy(home: Path, to: Path) -> Path:
    """A home of the same content, without Dagster's history."""
    return Path(shutil.copytree(home, to, symlinks=True, ignore=shutil.ignore_patterns(".dagster")))


def served(home: Path) -> Path:
    """The database file that readers of a home open."""
    return home / "warehouse" / "current" / "ip_warehouse.duckdb"


def rows(home: Path, sql: str, parameters: Parameters = None) -> list[Row]:
    """The rows of a query on what a home serves."""
    with duckdb.connect(str(served(home)), read_only=True) as connection:
        return fetch(connection, sql, parameters)


def fetch(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = None
) -> list[Row]:
    """The rows of a query, by column name."""
    cursor = connection.execute(sql, parameters or [])
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def dbt(home: Path, database: Path, *arguments: str, day: dt.date | None = None) -> str:
    """dbt on a private file, fed by what a home has landed; must succeed. Returns what it prints.

    day: the evaluation date; today's unless given. dbt parses the project anew for other places of
    files: it works beside the file and names both as seen from there, and what it parsed is kept.
    """
    settings = Settings(home=home)
    scratch, parsed = database.parent, build.DBT_PROJECT / "target" / f"{database.stem}.msgpack"
    target = scratch / "target"
    target.mkdir(exist_ok=True)
    if parsed.exists():
        shutil.copy(parsed, target / "partial_parse.msgpack")
    landed = scratch / "landed"
    landed.unlink(missing_ok=True)
    landed.symlink_to(settings.landed)
    seen = {
        "IPW_BUILD_DB": database.name,
        "IPW_LANDED": landed.name,
        "IPW_EVALUATION_DATE": (day or settings.evaluation_date).isoformat(),
        "IPW_WHOLE_LISTS": settings.whole_lists,
    }
    done = subprocess.run(
        [
            sys.executable, "-c", "from dbt.cli.main import cli; cli()",
            "--log-level-file", "none", *arguments,
            "--target-path", str(target), "--log-path", str(scratch / "logs"),
            "--project-dir", str(build.DBT_PROJECT), "--profiles-dir", str(build.DBT_PROJECT),
        ],
        env=environment(home, **seen), cwd=scratch, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    write_bytes(parsed, (target / "partial_parse.msgpack").read_bytes())
    return done.stdout


def land(home: Path) -> Path:
    """Take what the checkout and the home's inbox hold and land it, without a build."""
    settings = Settings(home=home)
    for source in all_sources().values():
        ingest.collect(source, settings, live=False)
        ingest.land(source, settings)
    ingest.describe_datasets(settings)
    return home


def models(home: Path, scratch: Path, *names: str, day: dt.date | None = None) -> Path:
    """A database with the named models and what they stand on, from what a home has landed.

    day: the evaluation date; today's unless given.
    """
    database = scratch / "models.duckdb"
    _make(home, database, names, day)
    return database


def served_models(home: Path, *names: str) -> Path:
    """Land what a home holds and let it serve the named models, without a run's checks; `home`."""
    builds = home / "warehouse" / "builds"
    builds.mkdir(parents=True, exist_ok=True)
    models(land(home), builds, *names).rename(builds / served(home).name)
    (home / "warehouse" / "current").symlink_to("builds")
    return home


def _make(home: Path, database: Path, names: Iterable[str], day: dt.date | None) -> None:
    selected = [f"+{name}" for name in names]
    kinds = ["--resource-type", "model", "--resource-type", "seed"]
    dbt(home, database, "build", "--select", *selected, *kinds, day=day)


def scorecard_on(home: Path, day: dt.date, scratch: Path) -> list[Row]:
    """The scorecard that a build from `home`'s landed rows gives when plans are judged on `day`."""
    return mart_on(home, day, scratch, "mart_plan_scorecard")


def mart_on(home: Path, day: dt.date, scratch: Path, mart: str) -> list[Row]:
    """All rows of a mart that a build from `home`'s landed rows gives on `day`."""
    database = scratch / "models.duckdb"
    _make(home, database, [mart], day)
    with duckdb.connect(str(database), read_only=True) as connection:
        return fetch(connection, f"select * from main.{mart}")  # noqa: S608 - a mart's own name


def read_csv(path: Path) -> list[dict[str, str]]:
    """A CSV file's rows as text."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def wide_grid(path: Path) -> dict[tuple[str, str, str], str]:
    """The cells of a World Bank wide CSV by series, economy and year, as text; "" where blank."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream))
    at = next(i for i, cells in enumerate(lines) if cells[:1] == ["Country Name"])
    header = lines[at]
    return {
        (cells[3], cells[1], year): value
        for cells in lines[at + 1 :]
        for year, value in zip(header[4:], cells[4:], strict=False)
        if year
    }


def wide_cells(path: Path) -> dict[tuple[str, str, str], str]:
    """The filled cells of a World Bank wide CSV by series, economy and year, as text."""
    return {place: value for place, value in wide_grid(path).items() if value}
