"""Answers that are meant to harm, or might as well be: a named error, nothing wrong landed, and
what landed before still there.

Each is served over real HTTP to the real client of a real source, after a good release has landed.
What tests/pipeline/test_{world_bank_fetch,oecd,eurostat,nbs_easyquery}.py serve (errors with status
200, HTML and XML, cut and compressed bodies, refusals, empty answers, a total that is one off) is
not repeated here. Not here: damaged files (test_fuzzed_parsers.py).
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import hostile_server as hostile
import polars as pl
import pytest
import sdmx_server as sdmx
import tally
import world_bank_server as wb
from inbox import Inbox
from pytest_httpserver import HTTPServer
from werkzeug import Response

from pipelines.fetch import FetchReport
from pipelines.sources import oecd, world_bank

PATENTS = "IP.PAT.RESD"
#: A client that is told to be quick: a test waits no longer than this for any one answer.
QUICK: dict[str, Any] = {
    "request_seconds": 1, "download_seconds": 2, "unit_seconds": 4, "retries": 1,
    "max_download_bytes": 20_000_000,
}  # fmt: skip
SECONDS = 15
MEMORY = 400_000_000
Cells = dict[tuple[str, str, str], float | None]


@pytest.fixture
def server(http: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> wb.WorldBankServer:
    """The World Bank's API on loopback."""
    http.clear()
    api = wb.WorldBankServer(http)
    monkeypatch.setenv("IPW_WORLD_BANK_BASE_URL", api.url)
    return api


@pytest.fixture
def inbox(server: wb.WorldBankServer, tmp_path: Path) -> Inbox:
    """A home on which a good release has landed."""
    home = Inbox(world_bank.SOURCE, tmp_path)
    assert home.fetch().errors == []
    assert landed(home)[PATENTS, "CHN", "2021"] == 1426644
    return home


def landed(home: Inbox) -> Cells:
    """What serves, by series, economy and period."""
    rows = home.cells().select("indicator_id", "ref_area", "time_period", "obs_value").rows()
    return {(series, area, period): value for series, area, period, value in rows}


def bounded(home: Inbox, **changes: Any) -> FetchReport:
    """Fetch and land, in bounded time and memory."""
    tally.count("hostile answers")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    begun = time.monotonic()
    report = home.fetch(**{**QUICK, **changes})
    assert time.monotonic() - begun < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before < MEMORY
    return report


def fails(home: Inbox, told: str, **changes: Any) -> None:
    """The series fails by name, with a receipt; all that had landed serves, the others too."""
    before = landed(home)
    report = bounded(home, **changes)
    (error,) = report.errors
    assert error.startswith(PATENTS)
    assert told in error, error
    failed = [r for r in home.store.attempts("world_bank") if r.outcome == "failed"]
    assert [r.error for r in failed] == [r.error for r in report.receipts if r.error]
    assert [r.size for r in failed if (r.size or 0) > QUICK["max_download_bytes"]] == []
    assert len([r for r in report.receipts if r.succeeded]) >= len(world_bank.FETCHED)
    assert landed(home) == before


# HTTP itself


@pytest.mark.parametrize(
    ("misbehaviour", "told"),
    [
        (hostile.silence, "timed out"),
        (hostile.head_drips, "did not end"),
        (hostile.continues, "did not end"),
        (hostile.endless_head, "got more than"),
        (hostile.many_headers, "got more than"),
        (hostile.chunk_drips, "took longer than 2.0 s"),
        (hostile.chunk_of_nonsense, "zz"),
        (hostile.body_drips, "took longer than 2.0 s"),
        (hostile.longer_than_told, "not JSON at byte"),
        (hostile.shorter_than_told, "IncompleteRead"),
        (hostile.length_is_negative, "larger than 20000000 bytes"),
        (hostile.bomb_in_a_bomb, "larger than 20000000 bytes"),
        (hostile.no_gzip, "incorrect header check"),
        (hostile.hangs_up, "closed connection"),
        (hostile.no_http, "220 mail.example.org"),
    ],
)
def test_rules_of_http_that_are_broken(
    server: wb.WorldBankServer, inbox: Inbox, monkeypatch: pytest.MonkeyPatch,
    misbehaviour: hostile.Misbehaviour, told: str,
) -> None:  # fmt: skip
    with hostile.in_front_of(server.url, PATENTS, misbehaviour) as url:
        monkeypatch.setenv("IPW_WORLD_BANK_BASE_URL", url)
        fails(inbox, told)


# Where an answer sends us


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "http://169.254.169.254/latest/meta-data/",
        "//169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:9/v2/x",
        "http://10.0.0.1/v2/x",
        "http://[::1]/v2/x",
        "http://0x7f000001/v2/x",
        "https://example.org/v2/x",
        "ftp://127.0.0.1/v2/x",
        "gopher://127.0.0.1/x",
        "data:application/json,[]",
        "http://user@elsewhere.invalid/x",
    ],
)
def test_no_answer_sends_us_elsewhere(
    server: wb.WorldBankServer, inbox: Inbox, location: str
) -> None:
    server.fail(PATENTS, wb.redirect(location), always=True)
    fails(inbox, "refused a redirect to another place")


def test_no_answer_sends_us_round_and_round(server: wb.WorldBankServer, inbox: Inbox) -> None:
    asked = len(server.asked(PATENTS))
    server.fail(PATENTS, wb.redirect(f"/v2/country/all/indicator/{PATENTS}"), always=True)
    fails(inbox, "more than 5 redirects")
    assert len(server.asked(PATENTS)) - asked == 6


# What well-formed answers say


def body(change: Callable[[str], str | bytes]) -> wb.Fault:
    """The good answer with another text."""

    def fault(good: Response) -> Response:
        return Response(change(good.get_data(as_text=True)), content_type="application/json")

    return fault


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (body(lambda text: text.replace('"value":1426644', '"value":1,"value":2')),
         "'value' stands twice in one object"),
        (body(lambda text: text.replace('"total":16', '"total":999999999')), "tells of 999999999"),
        (body(lambda text: text.replace('"total":16', '"total":1e2')), "no whole number"),
        (body(lambda text: text.encode().replace(b"Patent", b"Pat\xffent", 1)), "is not UTF-8"),
        (body(lambda text: text.encode("utf-16")), "is not UTF-8"),
        (body(lambda _: "[" * 1_000_000), "nested deeper"),
        (body(lambda _: '{"a":' * 1_000_000), "nested deeper"),
        (body(lambda text: text + text), "not JSON at byte"),
        (body(lambda text: text.replace('"pages":1', '"pages":100000000')), "repeats the page"),
    ],
)  # fmt: skip
def test_answers_that_are_wrong_in_themselves(
    server: wb.WorldBankServer, inbox: Inbox, fault: wb.Fault, told: str
) -> None:
    if "repeats" in told:
        fault = repeated(server)
    server.fail(PATENTS, fault, always=True)
    fails(inbox, told)


def repeated(server: wb.WorldBankServer) -> wb.Fault:
    """One page for ever, each time under the number that was asked for."""
    page = count(1)

    def fault(good: Response) -> Response:
        head, items = json.loads(good.get_data())
        head |= {"page": next(page), "pages": 10**8, "total": 10**8}
        return wb._json([head, items or server.series[PATENTS]])

    return fault


def test_pages_that_never_end(server: wb.WorldBankServer, inbox: Inbox) -> None:
    page = count(1)

    def fault(_: Response) -> Response:
        number = next(page)
        head = {"page": number, "pages": 10**8, "per_page": 1, "total": 10**8,
                "lastupdated": "2026-05-05"}  # fmt: skip
        return wb._json([head, [wb.item(PATENTS, "Patents", "CHN", str(1900 + number), number)]])

    server.fail(PATENTS, fault, always=True)
    fails(inbox, "took longer than 0.5 s together, and there are more", unit_seconds=0.5)


def test_pages_that_are_together_too_large(server: wb.WorldBankServer, inbox: Inbox) -> None:
    page = count(1)

    def fault(_: Response) -> Response:
        number = next(page)
        head = {"page": number, "pages": 10**8, "per_page": 1, "total": 10**8,
                "lastupdated": "2026-05-05"}  # fmt: skip
        name = "Patents " + "x" * 5_000_000
        return wb._json([head, [wb.item(PATENTS, name, "CHN", str(1900 + number), number)]])

    server.fail(PATENTS, fault, always=True)
    fails(inbox, "together larger than 20000000 bytes, and there are more", unit_seconds=60)


# Values


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", '"NaN"', '"1e999"', "true", "{}", "[1]",
     '"1426644 "', '"1,426,644"', '"0x15c4d4"', '"１４２６６４４"', "9" * 400,
     '"' + "7" * 10_000_000 + '"', '"' + "x" * 10_000_000 + '"'],
    ids=lambda value: f"{value[:12]}-{len(value)}",
)  # fmt: skip
def test_no_value_lands_that_is_no_number(
    server: wb.WorldBankServer, inbox: Inbox, value: str
) -> None:
    """A new release with one such value: its neighbours land, or the whole is refused by name."""
    before = landed(inbox)
    server.lastupdated = "2026-04-04"
    fault = body(lambda text: text.replace('"value":1426644', f'"value":{value}'))
    server.fail(PATENTS, fault)
    assert bounded(inbox).errors == []
    rows = inbox.cells().filter(pl.col("release_date").cast(pl.String) == "2026-04-04")
    lands = rows.filter(indicator_id=PATENTS, ref_area="CHN", time_period="2021")
    assert lands.height == 0
    assert before.items() <= landed(inbox).items()
    kept_out = inbox.quarantine().filter(column_name="obs_value")
    assert kept_out["check"].to_list() == ["type:Float64"]
    assert kept_out["raw_row"].to_list() == [2]
    refused = inbox.landing.history().filter(outcome="refused")["message"].to_list()
    assert all("obs_value" in message for message in refused)


def test_the_same_cell_twice_lands_neither(server: wb.WorldBankServer, inbox: Inbox) -> None:
    server.lastupdated = "2026-04-04"
    server.series[PATENTS].append(wb.item(PATENTS, "Patents", "CHN", "2021", 7))
    assert bounded(inbox).errors == []
    rows = inbox.cells().filter(pl.col("release_date").cast(pl.String) == "2026-04-04")
    assert rows.filter(indicator_id=PATENTS, ref_area="CHN", time_period="2021").height == 0
    checks = set(inbox.quarantine()["check"].to_list())
    assert {check.partition("(")[0] for check in checks} == {"unique"}
    assert landed(inbox)[PATENTS, "CHN", "2021"] == 1426644


def test_hostile_csv_of_the_oecd(
    http: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same kinds of nonsense in SDMX-CSV: good lines beside them land, and nothing else."""
    http.clear()
    api = sdmx.SdmxServer(http, sdmx.oecd_empty())
    monkeypatch.setenv("IPW_OECD_BASE_URL", api.url)
    home = Inbox(oecd.SOURCE, tmp_path)
    values = ["1e999", "-inf", "7" * 100_000, "NaN"]  # the last is SDMX's word for "missing"
    names = [f"{one}{two}{three}" for one in "ABCDEFGH" for two in "ABCDEFGH" for three in "AEIOU"]
    good = [sdmx.oecd_line(name, "2001", "1.5") for name in names]
    bad = [sdmx.oecd_line("CHN", str(2001 + n), value) for n, value in enumerate(values)]
    api.data["9P50_1.A.AP.PATN.PRIORITY.._T+_Z.INVENTOR"] = sdmx.oecd(*good, *bad)
    assert bounded(home).errors == []
    cells = home.cells("patent_count").select("ref_area", "time_period", "obs_value").rows()
    expected = [(name, "2001", 1.5) for name in names] + [("CHN", "2004", None)]
    assert sorted(cells, key=str) == sorted(expected, key=str)
    kept_out = home.quarantine()
    assert kept_out["value"].to_list() == values[:3]
    assert kept_out["raw_row"].to_list() == [len(names) + 2, len(names) + 3, len(names) + 4]
