"""SIGKILL at any moment of fetch, land, build and publish: nothing half is seen, nothing is lost.

Real processes on real files. A few dozen moments in `make test`, hundreds in `make torture`
(IPW_TORTURE=1). Not here: faults of disk, clock and hand (tests/faults/test_faults.py).
"""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import tally
import warehouse_runs as wr
import whole
import world_bank_server as wb
from pytest_httpserver import HTTPServer
from victim import Death, Victims, ready, victims

#: Homes for each phase, and how often the processes of one home die before it is left in peace.
HOMES, DEATHS = (40, 3) if tally.TORTURE else (3, 4)
#: A page of the World Bank's answer holds this many rows, so that its series have several.
PAGE = {"IPW_WORLD_BANK_PER_PAGE": "5"}
Rows = dict[str, list[tuple[Any, ...]]]
REVISED = ("CHN", "2021", 1426999.0)


@pytest.fixture(scope="module")
def victim() -> Iterator[Victims]:
    """Where processes die."""
    with victims() as running:
        yield running


@pytest.fixture(scope="module")
def address() -> Iterator[dict[str, str]]:
    """The World Bank on loopback, after a revision, as the environment of a run names it."""
    with HTTPServer(host="127.0.0.1", threaded=True) as http:
        api = wb.WorldBankServer(http)
        api.lastupdated = "2026-07-01"
        api.revise("IP.PAT.RESD", *REVISED)
        yield {"IPW_WORLD_BANK_BASE_URL": api.url, **PAGE}


@pytest.fixture(scope="module")
def before(victim: Victims, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has landed the World Bank's release before, and the figures of the checkout."""
    home = tmp_path_factory.mktemp("before")
    with HTTPServer(host="127.0.0.1", threaded=True) as http:
        url = wb.WorldBankServer(http).url
        victim.whole("everything", home, {"IPW_WORLD_BANK_BASE_URL": url, **PAGE})
    return home


@pytest.fixture(scope="module")
def today(address: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a run finds today: another release of the World Bank, and figures read since."""
    figures = tmp_path_factory.mktemp("figures")
    for path in wr.FIGURES.glob("*.csv"):
        shutil.copy(path, figures)
    with (figures / "observations.csv").open("a", encoding="utf-8") as stream:
        stream.write("population_mainland,CHN,1900,,400,million persons,,,,,,A,false,false,"
                     "nbs-2026-02-28-communique,,\n")  # fmt: skip
    return {**address, "IPW_OFFICIAL_RELEASES_BASE_URL": str(figures)}


@pytest.fixture(scope="module")
def fetched(
    before: Path, today: dict[str, str], victim: Victims, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """That home when today's bytes are there and nothing of them has landed."""
    home = wr.copy(before, tmp_path_factory.mktemp("fetched") / "home")
    victim.whole("fetch", home, today)
    return home


@pytest.fixture(scope="module")
def undisturbed(
    fetched: Path, today: dict[str, str], victim: Victims, tmp_path_factory: pytest.TempPathFactory
) -> Rows:
    """What lands of today's bytes when nothing dies."""
    home = wr.copy(fetched, tmp_path_factory.mktemp("undisturbed") / "home")
    victim.whole("everything", home, today)
    rows = whole.landed_rows(home)
    assert any("1900" in row for row in rows["official_releases/observation/observations.parquet"])
    assert sum(REVISED[2] in row for name in rows for row in rows[name]) == 1
    return rows


@pytest.fixture(scope="module")
def dice() -> random.Random:
    """Other moments each time under torture, the same ones in `make test`."""
    seed = time.time_ns() if tally.TORTURE else 20261129
    print(f"seed of the moments: {seed}")
    return random.Random(seed)  # noqa: S311 - no secret


@pytest.fixture(scope="module")
def rows_before(before: Path) -> Rows:
    """What had landed before."""
    return whole.landed_rows(before)


def die(
    victim: Victims, step: str, home: Path, environment: Mapping[str, str], dice: random.Random,
    length: Death, *, by_clock: bool,
) -> int:  # fmt: skip
    """One death, at an operation on a file or at a moment; 1, or 0 when it was done before."""
    how: dict[str, float] = (
        {"seconds": dice.uniform(0.001, length.seconds)}
        if by_clock
        else {"operation": dice.randint(1, length.operations)}
    )
    death = victim.run(step, home, environment, **how)  # type: ignore[arg-type]
    assert death.error == ""
    assert death.signal in (None, signal.SIGKILL)
    return death.signal is not None


def lands_as_a_whole(home: Path, after: Rows) -> None:
    """Of each series that today's answer brought, all rows are landed or none."""

    def series(rows: Rows) -> Counter[str]:
        return Counter(
            indicator
            for name in rows
            if name.startswith("world_bank/observation/") and "2026-07-01" in name
            for indicator in (row[0] for row in rows[name])
        )

    expected = series(after)
    assert {"IP.PAT.RESD": 16, "SP.POP.TOTL": 6}.items() <= expected.items()
    for indicator, count in series(whole.landed_rows(home)).items():
        assert count == expected[indicator], indicator


def converges(victim: Victims, home: Path, after: Rows, environment: Mapping[str, str]) -> None:
    """The next run, undisturbed, leaves what it would have left if nothing had died."""
    victim.whole("everything", home, environment)
    assert whole.landed_rows(home) == after
    assert whole.hidden(home) == []
    tally.count("bytes verified", whole.receipts_and_bytes_agree(home))


def test_killed_while_it_fetches(
    before: Path, today: dict[str, str], undisturbed: Rows, victim: Victims, dice: random.Random,
    tmp_path: Path,
) -> None:  # fmt: skip
    length = victim.whole("fetch", wr.copy(before, tmp_path / "length"), today)
    killed = 0
    for number in range(HOMES):
        home = wr.copy(before, tmp_path / f"home{number}")
        for turn in range(DEATHS):
            killed += die(victim, "fetch", home, today, dice, length, by_clock=turn % 3 == 2)
            tally.count("bytes verified", whole.receipts_and_bytes_agree(home))
        # The network is gone when the next run comes.
        victim.whole("land", home, today)
        lands_as_a_whole(home, undisturbed)
        converges(victim, home, undisturbed, today)
    tally.count("moments killed while it fetched", killed)
    assert killed > HOMES


def test_killed_while_it_lands(
    fetched: Path, today: dict[str, str], rows_before: Rows, undisturbed: Rows, victim: Victims,
    dice: random.Random, tmp_path: Path,
) -> None:  # fmt: skip
    length = victim.whole("land", wr.copy(fetched, tmp_path / "length"), today)
    killed = 0
    for number in range(HOMES):
        home = wr.copy(fetched, tmp_path / f"home{number}")
        for turn in range(DEATHS):
            killed += die(victim, "land", home, today, dice, length, by_clock=turn % 3 == 2)
            for name, rows in whole.landed_rows(home).items():
                # A payload's rows are those of before or of today, never some of both.
                assert rows in (rows_before.get(name), undisturbed.get(name)), name
        converges(victim, home, undisturbed, today)
    tally.count("moments killed while it landed", killed)
    assert killed > HOMES


def test_killed_while_it_publishes(
    published_home: Path, victim: Victims, dice: random.Random, tmp_path: Path
) -> None:
    """Readers have the build of before or the new one, whole; no third thing is ever in sight."""
    home = wr.copy(published_home, tmp_path / "home")
    keep = {"IPW_KEEP_BUILDS": "2", "IPW_GRACE_SECONDS": "0"}
    made = whole.marts(home)
    ready(home)
    length = victim.whole("release", home, keep)
    killed, served = 0, whole.serving(home)
    for turn in range(HOMES * DEATHS):
        ready(home)
        killed += die(victim, "release", home, keep, dice, length, by_clock=turn % 3 == 2)
        tally.count("bytes verified", whole.builds_are_whole(home))
        assert whole.serving(home) >= served
        served = whole.serving(home)
        assert whole.marts(home) == made
        if turn % DEATHS == DEATHS - 1:
            ready(home)
            victim.whole("release", home, keep)
            assert whole.serving(home) > served
            served = whole.serving(home)
            assert whole.hidden(home) == []
            assert len(list((home / "warehouse" / "builds").iterdir())) == 2
    tally.count("moments killed while it published", killed)
    assert killed > HOMES
