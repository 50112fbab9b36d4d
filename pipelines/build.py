"""A build: one private database file, made from the landed rows as they are now.

Here: whether a build is needed, where it is made, what dbt is told. Not here: dbt's models, and
how a build becomes the one that readers see (pipelines/publish.py).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock

from pipelines.files import sha256_of, write_json
from pipelines.settings import CHECKOUT, Settings

log = logging.getLogger("ipw")
#: Analysts' tools lag behind: DuckDB 1.4 and later can open a file of this storage version.
STORAGE_VERSION = "v1.4.0"
DATABASE = "ip_warehouse.duckdb"
INPUTS = "inputs.json"
MANIFEST = "manifest.json"
#: Holds the manifest's own hash.
SEAL = "manifest.sha256"
#: What a build has landed: source, hash of the bytes, and where they came from.
PAYLOADS = "select distinct source_id, raw_sha256, url from lineage.receipt order by all"
#: How the id of a build begins; builds sort by it.
STAMP = "%Y%m%dT%H%M%SZ"
DBT_PROJECT = CHECKOUT / "dbt_project"
#: Where dbt is started, below the private folder. It parses its project anew, a third of a build,
#: for a database or landed files in other places: seen from here they are always in the same ones.
BENCH = ".dbt"
_LANDED = "landed"
#: What dbt keeps of its parsing.
_PARSED = "partial_parse.msgpack"
_PARSE_LOCK = ".parse.lock"
#: Twins of the register's models: a build has them only where a simulated register is landed.
SIMULATED_MODELS = "models/simulated"
#: How the names of such models begin.
TWIN = "simulated__"
#: Parts of the dbt project that a build depends on.
DBT_INPUTS = (
    "dbt_project.yml",
    "lineage.yml",
    "macros",
    "models",
    "profiles.yml",
    "seeds",
    "tests",
)


@dataclass(frozen=True)
class Inputs:
    """Everything a build is made from: landed and dbt files by hash, what was set, versions."""

    landed: dict[str, str]
    dbt: dict[str, str]
    evaluation_date: str
    whole_lists: str
    versions: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """One hash over all of it: equal inputs, equal marts."""
        return hashlib.sha256(json.dumps(vars(self), sort_keys=True).encode()).hexdigest()


def inputs(settings: Settings) -> Inputs:
    """The inputs as they lie on disk now."""
    return Inputs(
        landed=_hashes(settings.landed, settings.landed.rglob("*.parquet")),
        dbt=_project_hashes(),
        evaluation_date=settings.evaluation_date.isoformat(),
        whole_lists=settings.whole_lists,
        versions={name: version(name) for name in ("duckdb", "dbt-core", "dbt-duckdb")},
    )


def _project_hashes() -> dict[str, str]:
    parts = (DBT_PROJECT / part for part in DBT_INPUTS)
    files = [f for part in parts for f in ([part] if part.is_file() else part.rglob("*"))]
    return _hashes(DBT_PROJECT, files)


def _hashes(root: Path, files: Any) -> dict[str, str]:
    return {str(f.relative_to(root)): sha256_of(f) for f in sorted(files) if f.is_file()}


def published_fingerprint(settings: Settings) -> str | None:
    """What the served build was made from, or None when nothing whole is served."""
    if not settings.current.exists():
        return None
    if wrong := damaged(settings.current.resolve()):
        log.warning(
            "the served build %s is damaged (%s): making it again",
            settings.current.resolve().name, ", ".join(wrong),
        )  # fmt: skip
        return None
    return str(manifest_of(settings.current)["fingerprint"])


def manifest_of(folder: Path) -> dict[str, Any]:
    """What a published build says of itself. Raises OSError or ValueError."""
    content: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    return content


def stated(folder: Path) -> dict[str, str]:
    """The files of a published build with the hashes that its manifest says, and its own.

    Raises OSError, ValueError, KeyError or TypeError where the manifest cannot be read.
    """
    content = manifest_of(folder)
    files = [content["database"], *(table["parquet"] for table in content["tables"].values())]
    seal = (folder / SEAL).read_text(encoding="utf-8").strip()
    return {MANIFEST: seal, **{str(file["file"]): str(file["sha256"]) for file in files}}


def sealed(folder: Path) -> bool:
    """Whether a manifest is the one that was written with its seal."""
    try:
        return sha256_of(folder / MANIFEST) == (folder / SEAL).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return False


def damaged(folder: Path) -> list[str]:
    """The files of a published build that are gone or have other bytes than its manifest says."""
    try:
        told = stated(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return [MANIFEST]
    return [
        name
        for name, sha256 in told.items()
        if not (folder / name).is_file() or sha256_of(folder / name) != sha256
    ]


def private_folder(settings: Settings, run_id: str) -> Path:
    """Where one run makes its build; readers never look here."""
    return settings.builds / f".building-{run_id}"


def begin(settings: Settings, run_id: str, made_from: Inputs) -> Path:
    """An empty database file of the storage version that readers can open; returns its path.

    Leftovers of runs that died are cleared; only one run builds at a time. What the build is made
    from is written beside it: publishing says that, not what lies on disk by then.
    """
    for leftover in settings.builds.glob(".*-*"):
        # dbt may outlive a run that was killed and still write here; the next run clears the rest.
        shutil.rmtree(leftover, ignore_errors=True)
    folder = private_folder(settings, run_id)
    (folder / BENCH).mkdir(parents=True)
    (folder / BENCH / _LANDED).symlink_to(settings.landed.resolve())
    # dagster-dbt looks for it where dbt is started.
    (folder / BENCH / "dbt_project.yml").symlink_to(DBT_PROJECT / "dbt_project.yml")
    path = folder / DATABASE
    with duckdb.connect() as memory:
        _attach(memory, path, "build")
        memory.execute("create schema build.staging")
    write_json(folder / INPUTS, vars(made_from))
    return path


def rewrite(database: Path) -> None:
    """Write a database anew, into a file of the storage version that holds its rows and no more.

    What was deleted leaves its blocks behind, and the values in them.
    """
    made = database.with_name(f".{database.name}.rewritten")
    with duckdb.connect() as memory:
        memory.execute("set memory_limit = '2GB'")
        _attach(memory, database, "old")
        _attach(memory, made, "new")
        memory.execute("copy from database old to new")
    made.replace(database)


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Attach a file that keeps, if it is made here, the storage version whatever writes it."""
    quoted = str(path).replace("'", "''")
    connection.execute(f"attach '{quoted}' as {name} (storage_version '{STORAGE_VERSION}')")


def begun(settings: Settings, run_id: str) -> Inputs:
    """What a run's private build is made from. Raises FileNotFoundError when it made none."""
    return Inputs(**json.loads((private_folder(settings, run_id) / INPUTS).read_text()))


def _told(evaluation_date: str, whole_lists: str) -> dict[str, str]:
    """What dbt reads from its environment; it parses again what uses a value that changed."""
    return {
        "IPW_BUILD_DB": f"../{DATABASE}",
        "IPW_LANDED": _LANDED,
        # Plans are judged as of this day, on what was published by then.
        "IPW_EVALUATION_DATE": evaluation_date,
        "IPW_WHOLE_LISTS": whole_lists,
    }


@contextmanager
def environment(settings: Settings, made_from: Inputs) -> Iterator[None]:
    """What dbt reads from its environment while it works on a private file, and what it parsed."""
    parsed, ours_parsed = DBT_PROJECT / "target" / _PARSED, settings.dbt_target / _PARSED
    with FileLock(DBT_PROJECT / "target" / _PARSE_LOCK):
        if parsed.exists() and (
            not ours_parsed.exists() or ours_parsed.stat().st_mtime < parsed.stat().st_mtime
        ):
            settings.dbt_target.mkdir(parents=True, exist_ok=True)
            shutil.copy(parsed, ours_parsed)
    ours = _told(made_from.evaluation_date, made_from.whole_lists)
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def arguments(made_from: Inputs) -> list[str]:
    """What dbt is asked for. Unit tests judge the SQL, not the data: `make test` runs them."""
    # What dbt says goes to the run's log: a second, longer log takes a sixth of the time.
    told = ["--log-level-file", "none", "build", "--exclude-resource-type", "unit_test"]
    told += ["--project-dir", str(DBT_PROJECT)]
    if not has_simulated_records(made_from):
        told += ["--exclude", f"path:{SIMULATED_MODELS}"]
    return told


def has_simulated_records(made_from: Inputs) -> bool:
    """Whether any simulated patent is landed, beside the empty file that every table has."""
    landed = [Path(name) for name in made_from.landed]
    return any(p.parts[0] == "simulated_register" and p.name != "_schema.parquet" for p in landed)


def revision() -> str | None:
    """The revision of the checkout, `-dirty` where files were changed since; None without git."""
    command = ["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def ensure_manifest() -> Path:
    """dbt's manifest, parsed again only when the project changed; never at import."""
    target = DBT_PROJECT / "target"
    manifest, mark = target / "manifest.json", target / "parsed_from.txt"
    fingerprint = hashlib.sha256(repr(_project_hashes()).encode()).hexdigest()
    target.mkdir(exist_ok=True)
    # Homes share the checkout: two that start together must not parse into one folder.
    with FileLock(target / _PARSE_LOCK):
        if not (manifest.exists() and mark.exists() and mark.read_text() == fingerprint):
            mark.unlink(missing_ok=True)  # dbt writes in place: until it is done nothing is parsed
            _parse()
            mark.write_text(fingerprint)
    return manifest


def _parse() -> None:
    """Let dbt parse its project. Raises RuntimeError with dbt's words."""
    settings = Settings()
    told = _told(settings.evaluation_date.isoformat(), settings.whole_lists)
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", "parse"]
    done = subprocess.run(  # noqa: S603 - our own command
        command, cwd=DBT_PROJECT, capture_output=True, text=True, check=False,
        env={**os.environ, **told, "DBT_PROFILES_DIR": str(DBT_PROJECT)},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"dbt parse failed:\n{done.stdout}{done.stderr}")


def new_build_id(fingerprint: str, now: dt.datetime) -> str:
    """Sortable by time, recognisable by content."""
    return f"{now:{STAMP}}-{fingerprint[:8]}"


def next_build_id(settings: Settings, fingerprint: str, now: dt.datetime) -> str:
    """A build id that sorts after all that are there, also after the clock was set back."""
    names = [path.name.partition("-")[0] for path in settings.builds.glob("[0-9]*-*")]
    newest = max(names, default="")
    if newest > f"{now:{STAMP}}":
        log.warning("the clock stands before the last build (%s): check it", newest)
    if newest >= f"{now:{STAMP}}":
        now = dt.datetime.strptime(newest, STAMP).replace(tzinfo=dt.UTC) + dt.timedelta(seconds=1)
    return new_build_id(fingerprint, now)
