"""Readers in other processes while build after build is published and old ones are removed.

They open what is served as users do: the database file through the pointer, and Parquet files below
the place that the pointer led to. Each build carries its number in three tables.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import tally
import warehouse_runs as wr
import whole
from victim import Victims, ready, victims

READERS, PUBLISHES = (4, 200) if tally.TORTURE else (2, 12)
GRACE = 5.0
NUMBERS = {
    "mart_plan_scorecard": "year(evaluation_date)",
    "fct_plan_target": "place",
    "dim_plan": "title_en",
}

#: Asks until the file named last is there; prints the number that each table gives, by answer.
DATABASE = """
import duckdb, sys
from pathlib import Path
served, stop, *questions = sys.argv[1:]
while not Path(stop).exists():
    with duckdb.connect(served, read_only=True) as connection:
        print(*(set(connection.execute(question).fetchall()) for question in questions), flush=True)
"""
#: Finds the build once, waits as a slow reader does, then opens one Parquet file after the other.
PARQUET = """
import duckdb, sys, time
from pathlib import Path
served, stop, *questions = sys.argv[1:]
while not Path(stop).exists():
    folder = Path(served).parent.resolve() / "parquet"
    with duckdb.connect() as connection:
        answers = []
        for question in questions:
            time.sleep(0.3)
            answers.append(set(connection.execute(question.replace("from ", f"from '{folder}/")
                                                  + ".parquet'").fetchall()))
    print(*answers, flush=True)
"""


def test_no_reader_meets_an_error_or_two_builds(published_home: Path, tmp_path: Path) -> None:
    home, stop = wr.copy(published_home, tmp_path / "home"), tmp_path / "stop"
    questions = [f"select distinct {n}::varchar from {table}" for table, n in NUMBERS.items()]  # noqa: S608
    keep = {"IPW_KEEP_BUILDS": "2", "IPW_GRACE_SECONDS": str(GRACE)}
    number = 1000
    with victims() as publisher:
        publish(publisher, home, number, keep)
        readers = [
            subprocess.Popen(
                [sys.executable, "-c", script, str(wr.served(home)), str(stop), *questions],
                stdout=(tmp_path / f"answers{at}").open("w"),
                stderr=subprocess.PIPE,
                text=True,
            )
            for at, script in enumerate([DATABASE, PARQUET] * (READERS // 2))
        ]
        removed: set[str] = set()
        for _ in range(PUBLISHES):
            number += 1
            before = {path.name for path in (home / "warehouse" / "builds").iterdir()}
            publish(publisher, home, number, keep)
            removed |= before - {path.name for path in (home / "warehouse" / "builds").iterdir()}
            time.sleep(0.1)
        stop.touch()
        errors = [(reader.wait(60), reader.stderr.read()) for reader in readers if reader.stderr]
    assert errors == [(0, "")] * READERS
    answers: Counter[str] = Counter()
    for at in range(READERS):
        answers.update((tmp_path / f"answers{at}").read_text().splitlines())
    # Each answer is of one build: the same number, and no other, in all three tables.
    allowed = {" ".join([f"{{('{n}',)}}"] * 3) for n in range(1000, number + 1)}
    assert set(answers) <= allowed
    assert len(answers) > PUBLISHES / 4
    assert whole.hidden(home) == []
    assert removed, "builds were removed while readers read"
    tally.count("builds published under readers", PUBLISHES)
    tally.count("answers to readers, each of one build", answers.total())


def publish(publisher: Victims, home: Path, number: int, keep: dict[str, str]) -> None:
    """Publish a build that says its number in each of the tables."""
    ready(
        home,
        f"update mart_plan_scorecard set evaluation_date = make_date({number}, 1, 1);"  # noqa: S608
        f"update fct_plan_target set place = '{number}';"
        f"update dim_plan set title_en = '{number}'",
    )
    publisher.whole("release", home, keep)
