"""Processes that die: one step of the warehouse in a child that SIGKILL ends wherever it is told.

Run as a script it is a server: it imports the warehouse once, then forks a child for each request,
so that a death costs a fraction of a second. A child is killed before its n-th operation on a file
below its home (Python's audit events: open, rename, remove, mkdir, …), which meets every boundary
exactly, or by its parent after some time, which meets the writes of native code too. Here: dying.
Not here: what must hold afterwards (tests/faults/test_kill.py).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines import build, ingest, publish
from pipelines.lock import writer
from pipelines.settings import Settings
from pipelines.sources import all_sources

OPERATIONS = {
    "open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.chmod",
    "os.truncate", "os.utime", "os.scandir",
}  # fmt: skip
#: Sources of both kinds: local files that replace each other, and an address that keeps vintages.
SOURCES = ("official_releases", "world_bank")
RUN = "victim"


def fetch(settings: Settings) -> None:
    """Get bytes and leave receipts, over loopback too."""
    for name in SOURCES:
        report = ingest.collect(all_sources()[name], settings, live=True)
        if report.errors:
            raise RuntimeError(report.errors[0])


def land(settings: Settings) -> None:
    """Judge what was got."""
    for name in SOURCES:
        ingest.land(all_sources()[name], settings)
    ingest.describe_datasets(settings)


def release(settings: Settings) -> None:
    """Publish the private build that the test has laid ready."""
    publish.publish(settings, RUN)


def hold(settings: Settings) -> None:
    """Hold the write lock until someone ends it."""
    (settings.warehouse / "held").touch()
    time.sleep(600)


def everything(settings: Settings) -> None:
    """From the address to the landed rows, as a run does before it builds."""
    fetch(settings)
    land(settings)


STEPS = {step.__name__: step for step in (fetch, land, release, hold, everything)}


@dataclass(frozen=True)
class Death:
    """How a child ended: by which signal (None: by itself), after how many operations and seconds.

    error: its traceback when it failed by itself.
    """

    signal: int | None
    operations: int
    seconds: float
    error: str


class Victims:
    """The server, seen from a test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(
        self,
        step: str,
        home: Path,
        environment: Mapping[str, str],
        *,
        operation: int = 0,
        seconds: float = 0,
    ) -> Death:
        """One step in a child, killed before its n-th operation or after some seconds (0: not)."""
        assert self._process.stdin
        assert self._process.stdout
        request = {"step": step, "home": str(home), "operation": operation, "seconds": seconds}
        self._process.stdin.write(json.dumps({**request, "environment": dict(environment)}) + "\n")
        self._process.stdin.flush()
        return Death(**json.loads(self._process.stdout.readline()))

    def whole(self, step: str, home: Path, environment: Mapping[str, str]) -> Death:
        """The same, undisturbed; it must end well."""
        death = self.run(step, home, environment)
        assert death.signal is None, death
        assert not death.error, death.error
        return death


@contextlib.contextmanager
def victims() -> Iterator[Victims]:
    """The server, for as long as the tests need it."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("IPW_")}
    with subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=mine,
    ) as process:  # fmt: skip
        yield Victims(process)
        assert process.stdin
        process.stdin.close()


def ready(home: Path, change: str = "") -> None:
    """Lay a private build ready, as dbt leaves it: that of the served marts, and some SQL on it."""
    settings = Settings(home=home)
    database = build.begin(settings, RUN, build.inputs(settings))
    shutil.copy(settings.served, database)
    with duckdb.connect(str(database)) as made:
        # Publishing took these out: what the lineage says of them is enough to lay them ready.
        withheld = made.execute(
            "select name, list(distinct part) from ("
            "select table_schema as place, table_name as name, column_name as part "
            'from lineage."column" union all '
            "select origin_table_schema, origin_table_name, origin_column_name "
            "from lineage.\"column\") where place = 'withheld' group by all"
        ).fetchall()
        made.execute("create schema withheld")
        for table, columns in withheld:
            typed = ", ".join(f'"{column}" varchar' for column in columns)
            made.execute(f'create table withheld."{table}" ({typed})')
        made.execute("drop schema lineage cascade")  # publishing makes it
        made.execute(change)


def _child(request: dict[str, Any], tell: int) -> None:
    """Does the step, telling each operation on a file by a byte, and never returns."""
    os.environ.update(request["environment"], IPW_HOME=request["home"])
    done = 0

    def before(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal done
        if event in OPERATIONS and request["home"] in str(arguments[:2]):
            done += 1
            os.write(tell, b".")
            if done == request["operation"]:
                os.kill(os.getpid(), signal.SIGKILL)

    settings = Settings()
    try:
        with writer(settings):
            sys.addaudithook(before)
            STEPS[request["step"]](settings)
    except BaseException:
        os.write(tell, traceback.format_exc().encode())
        os._exit(1)
    os._exit(0)


def _serve(request: dict[str, Any]) -> Death:
    heard, tell = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if not child:
        os.close(heard)
        _child(request, tell)
    os.close(tell)
    if request["seconds"]:
        time.sleep(request["seconds"])
        os.kill(child, signal.SIGKILL)
    with os.fdopen(heard, "rb") as stream:
        told = stream.read().decode()
    _, status = os.waitpid(child, 0)
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    error = told.lstrip(".")
    return Death(ended, len(told) - len(error), time.monotonic() - started, error)


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(vars(_serve(json.loads(line)))), flush=True)
