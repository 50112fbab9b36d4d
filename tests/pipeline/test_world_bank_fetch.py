"""Asking the World Bank's API over HTTP, well and badly: what lands, and what receipts say.

A real client against a real server on loopback (tests/world_bank_server.py). Not here: bulk files
(test_files.py).
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import world_bank_server as wb
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from pipelines.fetch import USER_AGENT, Client, FetchReport
from pipelines.landing import Landed, Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.sources.world_bank import FETCHED, SOURCE

PATENTS = "IP.PAT.RESD"
ROYALTIES = "BX.GSR.ROYL.CD"


class Warehouse:
    """Fetches and lands under a folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = RawStore(home / "raw")
        self.landing = Landing(SOURCE, self.store, home / "warehouse" / "landed")

    def fetch(self, **changes: Any) -> FetchReport:
        """Ask for everything once, without pauses."""
        settings = Settings(home=self.home, **{"backoff_seconds": 0, "retries": 2, **changes})
        client = Client(SOURCE, self.store, settings)
        assert SOURCE.fetch is not None
        SOURCE.fetch(client)
        return client.report

    def land(self) -> list[Landed]:
        """Land what is new; whatever comes in is accepted or quarantined."""
        landed = self.landing.run()
        assert all(x.rows_in == x.rows_accepted + x.rows_quarantined for x in landed)
        return landed

    def values(self, series: str = PATENTS) -> dict[tuple[str, str], float | None]:
        """What landed, by economy and period."""
        rows = self.landing.accepted("observation").filter(pl.col("indicator_id") == series)
        return {(r["ref_area"], r["time_period"]): r["obs_value"] for r in rows.to_dicts()}

    def findings(self) -> list[dict[str, Any]]:
        """What the source's own review finds."""
        assert SOURCE.review is not None
        tables = {table: self.landing.accepted(table) for table in SOURCE.tables}
        return [dict(finding) for finding in SOURCE.review(tables)]

    def objects(self) -> int:
        """How many different bodies are stored."""
        return sum(path.is_file() for path in self.store.objects.rglob("*"))


@pytest.fixture
def server(http: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> wb.WorldBankServer:
    """The API on loopback, to which the source's address points."""
    http.clear()
    api = wb.WorldBankServer(http)
    monkeypatch.setenv("IPW_WORLD_BANK_BASE_URL", api.url)
    return api


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """An empty warehouse."""
    return Warehouse(tmp_path)


def figures(series: str) -> dict[tuple[str, str], float | None]:
    """What the server has, by economy and period."""
    areas = wb.FIGURES[series]
    return {(area, period): v for area, found in areas.items() for period, v in found.items()}


def test_everything_lands_as_served(server: wb.WorldBankServer, warehouse: Warehouse) -> None:
    report = warehouse.fetch()
    warehouse.land()
    assert report.errors == []
    assert warehouse.values() == figures(PATENTS)
    assert warehouse.values("SP.POP.TOTL") == figures("SP.POP.TOTL")
    assert {r.release_date for r in report.receipts if r.name != "economies page 1"} == {
        "2026-01-28"
    }
    row = warehouse.landing.accepted("observation").filter(
        ref_area="CHN", indicator_id=PATENTS, time_period="2021"
    )
    assert row.drop("raw_sha256", "retrieved_at").to_dicts() == [
        {
            "indicator_id": "IP.PAT.RESD",
            "indicator_name": "Patent applications, residents",
            "ref_area": "CHN",
            "ref_area_name": "CHN",
            "freq": "A",
            "time_period": "2021",
            "obs_value": 1426644.0,
            "obs_status": "A",
            "unit_measure": "NUMBER",
            "value_as_published": "1426644",
            "raw_row": 2,
            "release_date": dt.date(2026, 1, 28),
            "raw_file": "IP.PAT.RESD page 1",
        }
    ]


def test_a_value_that_is_not_there_is_unknown_and_not_zero(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    warehouse.fetch()
    warehouse.land()
    missing = warehouse.landing.accepted("observation").filter(pl.col("obs_value").is_null())
    assert set(missing["ref_area"]) == {"CHN", "JPN", "USA", "WLD"}
    assert set(missing["time_period"]) == {"2022"}
    assert set(missing["obs_status"]) == {"M"}
    assert missing["value_as_published"].is_null().all()


def test_economies_and_aggregates_are_told_apart(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    warehouse.fetch()
    warehouse.land()
    rows = warehouse.landing.accepted("economy").sort("ref_area").to_dicts()
    assert [(r["ref_area"], r["is_aggregate"]) for r in rows] == [
        ("CHN", False),
        ("JPN", False),
        ("USA", False),
        ("WLD", True),
    ]
    assert rows[0]["region"] == "East Asia & Pacific"
    assert rows[3]["region"] is None
    assert rows[3]["income_level"] is None
    assert {r["release_date"] for r in rows} == {None}


def test_every_request_names_itself_and_asks_for_json_pages(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    warehouse.fetch(world_bank_per_page=7)
    assert {request.path.rsplit("/", 1)[-1] for _, request in server.requests} == {
        "country",
        *FETCHED,
    }
    for _, request in server.requests:
        assert request.headers["User-Agent"] == USER_AGENT
        assert request.args["format"] == "json"
        assert request.args["per_page"] == "7"


def test_all_pages_land_the_last_one_too(
    server: wb.WorldBankServer, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPW_WORLD_BANK_PER_PAGE", "5")  # 16 rows: 5, 5, 5 and 1
    report = warehouse.fetch()
    warehouse.land()
    assert [r.args["page"] for _, r in server.asked(PATENTS)] == ["1", "2", "3", "4"]
    assert [r.name for r in report.receipts if r.name.startswith(PATENTS)] == [
        f"IP.PAT.RESD page {n}" for n in (1, 2, 3, 4)
    ]
    assert warehouse.values() == figures(PATENTS)


def test_only_the_chosen_countries_are_asked_for(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    warehouse.fetch(world_bank_countries="CHN;USA")
    warehouse.land()
    assert {request.path for _, request in server.asked(PATENTS)} == {
        "/v2/country/CHN;USA/indicator/IP.PAT.RESD"
    }
    assert {area for area, _ in warehouse.values()} == {"CHN", "USA"}


@pytest.mark.parametrize("countries", ["", "CHN;", "CHN USA", "../secret", "CHN;USA?x=1"])
def test_countries_that_are_no_codes_are_refused_at_once(countries: str) -> None:
    with pytest.raises(ValidationError, match="world_bank_countries"):
        Settings(world_bank_countries=countries)


def test_the_same_answer_is_stored_once_and_recorded_as_unchanged(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    first = warehouse.fetch()
    warehouse.land()
    objects, values = warehouse.objects(), warehouse.values()
    second = warehouse.fetch()
    assert {r.outcome for r in second.receipts} == {"unchanged"}
    assert [r.name for r in second.receipts] == [r.name for r in first.receipts]
    assert warehouse.objects() == objects
    assert warehouse.land() == []
    assert warehouse.values() == values


def test_one_bad_economy_costs_only_itself(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    report = warehouse.fetch(world_bank_countries="CHN;XYZ;USA")
    warehouse.land()
    assert {area for area, _ in warehouse.values()} == {"CHN", "USA"}
    assert warehouse.values()["USA", "2021"] == 262244
    failed = {r.name: r for r in report.receipts if r.outcome == "failed"}
    assert set(failed) == {f"{series} XYZ page 1" for series in FETCHED}
    error = str(failed["IP.PAT.RESD XYZ page 1"].error)
    assert "XYZ" in error
    assert "120 (Invalid value): The provided parameter value is not valid" in error
    assert failed["IP.PAT.RESD XYZ page 1"].http_status == 200
    # The answer that was spoilt for all is kept as evidence, and nothing is made of it.
    spoilt = {r.outcome for r in report.receipts if r.name == "IP.PAT.RESD page 1"}
    assert spoilt == {"incomplete"}
    assert "refused" not in warehouse.landing.history()["outcome"].to_list()


def test_an_unknown_series_fails_by_name_and_the_others_land(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.fail(PATENTS, wb.message("175", "Invalid indicator", "The indicator was not found"))
    report = warehouse.fetch()
    warehouse.land()
    assert len(report.errors) == 1
    assert report.errors[0].startswith("IP.PAT.RESD page 1: ")
    assert "175 (Invalid indicator): The indicator was not found" in report.errors[0]
    assert warehouse.values() == {}
    assert warehouse.values("SP.POP.TOTL") == figures("SP.POP.TOTL")


@pytest.mark.parametrize(
    "fault",
    [
        wb.message("160", "Data not found", "There are no data"),
        wb.data(None, total=0, page=0, pages=0),
        wb.data([], total=0, page=0, pages=0),
        wb.data(None, absent=True, total=0, page=1, pages=1),
    ],
    ids=["160", "null", "[]", "absent"],
)
def test_no_data_is_an_answer_and_no_error(
    server: wb.WorldBankServer, warehouse: Warehouse, fault: wb.Fault
) -> None:
    server.fail(PATENTS, fault)
    report = warehouse.fetch()
    warehouse.land()
    assert report.errors == []
    assert warehouse.values() == {}
    record = warehouse.landing.history().filter(file=f"{PATENTS} page 1")
    assert record["outcome"].to_list() == ["landed"]
    assert record["rows_in"].to_list() == [0]
    assert PATENTS in record["message"].to_list()[0]


def test_retry_after_is_honoured(server: wb.WorldBankServer, warehouse: Warehouse) -> None:
    server.fail(PATENTS, wb.too_many(seconds=1))
    report = warehouse.fetch()
    warehouse.land()
    (first, _), (second, _) = server.asked(PATENTS)
    assert second - first >= 1
    assert report.errors == []
    assert warehouse.values() == figures(PATENTS)


def test_a_passing_failure_is_tried_again(server: wb.WorldBankServer, warehouse: Warehouse) -> None:
    server.fail(PATENTS, wb.unavailable, wb.unavailable)
    assert warehouse.fetch().errors == []
    warehouse.land()
    assert warehouse.values() == figures(PATENTS)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (wb.unavailable, "HTTP 503: <html><body>Service Unavailable"),
        (wb.too_many(seconds=0), "HTTP 429: slow down"),
        (wb.message("105", "Service currently unavailable", "try later"), "105 (Service curr"),
        (wb.html, "HTML or XML instead of JSON; it starts with '<!DOCTYPE html>"),
        (wb.xml, "HTML or XML instead of JSON; it starts with '<?xml version="),
        (wb.cut_off, "IncompleteRead"),
        (wb.cut_short, "not JSON at byte"),
        (wb.header(total="many"), "total of the page's header is 'many', no whole number"),
        (wb.header(total=17), "16 rows on 1 pages, but the header tells of 17"),
        (wb.header(page=3), "the answer is page 3"),
        (wb.header(lastupdated="01/28/2026"), "lastupdated: '01/28/2026' is not a date"),
        (wb.data(None), "a page without data, but its header tells of 16 rows"),
        (wb.redirect("http://localhost:9/v2/x"), "refused a redirect to another place"),
    ],
)
def test_a_failure_says_what_happened_and_costs_no_other_series(
    server: wb.WorldBankServer, warehouse: Warehouse, fault: wb.Fault, told: str
) -> None:
    server.fail(PATENTS, fault, always=True)
    report = warehouse.fetch()
    warehouse.land()
    assert len(report.errors) == 1
    assert report.errors[0].startswith(PATENTS)
    assert told in report.errors[0]
    assert warehouse.values() == {}
    assert warehouse.values("SP.POP.TOTL") == figures("SP.POP.TOTL")
    recorded = [r for r in warehouse.store.attempts("world_bank") if r.outcome == "failed"]
    assert [r.error for r in recorded] == [r.error for r in report.receipts if r.error]


def test_after_a_failure_the_next_run_makes_good(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.fail(PATENTS, wb.cut_short)
    warehouse.fetch()
    warehouse.land()
    assert warehouse.values() == {}
    assert warehouse.fetch().errors == []
    warehouse.land()
    assert warehouse.values() == figures(PATENTS)


def test_pages_land_together_or_not_at_all(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.fail(PATENTS, wb.well, wb.unavailable, wb.unavailable, wb.unavailable)
    report = warehouse.fetch(world_bank_per_page=10)
    warehouse.land()
    of_series = [r for r in report.receipts if r.name.startswith(PATENTS)]
    assert [r.outcome for r in of_series] == ["incomplete", "failed"]
    assert "page=2" in str(of_series[1].error)
    assert warehouse.values() == {}


def test_pages_of_two_releases_are_no_whole(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.fail(PATENTS, wb.well, wb.header(lastupdated="2026-04-08"))
    report = warehouse.fetch(world_bank_per_page=10)
    assert len(report.errors) == 1
    assert "2026-04-08" in report.errors[0]
    assert "2026-01-28; it changed meanwhile: fetch again" in report.errors[0]


def test_a_redirect_on_the_same_host_is_followed(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    moved = "/moved/country/all/indicator/IP.PAT.RESD?format=json&per_page=50&page=1"
    server.fail(PATENTS, wb.redirect(moved))
    assert warehouse.fetch().errors == []
    warehouse.land()
    assert warehouse.values() == figures(PATENTS)


def test_an_endless_body_is_cut(server: wb.WorldBankServer, warehouse: Warehouse) -> None:
    server.fail(PATENTS, wb.endless)
    report = warehouse.fetch(max_download_bytes=500_000)
    assert len(report.errors) == 1
    assert "the body is larger than 500000 bytes" in report.errors[0]
    assert max(r.size or 0 for r in report.receipts) <= 500_000


def test_a_compressed_body_is_read_whole(server: wb.WorldBankServer, warehouse: Warehouse) -> None:
    server.fail(PATENTS, wb.gzipped)
    assert warehouse.fetch().errors == []
    warehouse.land()
    assert warehouse.values() == figures(PATENTS)


def test_a_gzip_bomb_is_cut_at_its_unpacked_size(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.fail(PATENTS, wb.gzip_bomb)
    report = warehouse.fetch(max_download_bytes=5_000_000)
    assert len(report.errors) == 1
    assert "the body is larger than 5000000 bytes" in report.errors[0]


def test_half_a_compressed_body_lands_nothing(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.fail(PATENTS, wb.gzip_cut, always=True)
    report = warehouse.fetch()
    assert len(report.errors) == 1
    warehouse.land()
    assert warehouse.values() == {}


def test_a_slow_drip_is_cut_when_its_time_is_up(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.fail(PATENTS, wb.drip)
    started = time.monotonic()
    report = warehouse.fetch(download_seconds=1.0)
    assert time.monotonic() - started < 6.0  # the server would drip for 30 s
    assert len(report.errors) == 1
    assert "took longer than 1.0 s" in report.errors[0]


def test_a_redirect_to_no_address_costs_no_other_series(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.fail(PATENTS, wb.redirect("http://[bad/x"))
    report = warehouse.fetch()
    assert len(report.errors) == 1
    assert "redirects to no address" in report.errors[0]
    assert len([r for r in report.receipts if r.succeeded]) == len(FETCHED)


def test_a_failure_receipt_says_what_was_asked_and_answered(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.fail(PATENTS, wb.unavailable, always=True)
    server.fail(ROYALTIES, wb.unavailable)
    report = warehouse.fetch()
    (failed,) = (r for r in report.receipts if r.outcome == "failed")
    assert (failed.http_status, failed.headers["content-type"][:9]) == (503, "text/html")
    assert failed.url.endswith(f"/indicator/{PATENTS}?format=json&per_page=20000&page=1")
    assert set(failed.retried_after) == {"503"}
    assert failed.finished_at > failed.requested_at
    (patient,) = (r for r in report.receipts if r.name.startswith(ROYALTIES))
    assert (patient.http_status, patient.retried_after) == (200, ["503"])


def test_a_password_in_the_address_is_never_shown(
    server: wb.WorldBankServer, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = os.environ["IPW_WORLD_BANK_BASE_URL"].replace("http://", "http://user:hush@")
    monkeypatch.setenv("IPW_WORLD_BANK_BASE_URL", address)
    server.fail(PATENTS, wb.unavailable, always=True)
    server.fail(ROYALTIES, wb.endless)
    server.fail("SP.POP.TOTL", wb.redirect("http://user:hush@elsewhere.invalid/"))
    server.fail("NY.GDP.MKTP.CD", wb.redirect("http://[user:hush@"))
    server.fail("NY.GDP.MKTP.CN", wb.xml)
    report = warehouse.fetch(max_download_bytes=500_000)
    assert len(report.errors) == 5
    monkeypatch.setenv("IPW_WORLD_BANK_BASE_URL", "http://user:hush@127.0.0.1:9/v2")
    assert len(warehouse.fetch().errors) == 1 + len(FETCHED)
    written = [p.read_bytes() for p in (warehouse.home / "raw").rglob("*") if p.is_file()]
    assert written
    assert not [text for text in written if b"hush" in text]


def test_an_address_where_nobody_answers(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPW_WORLD_BANK_BASE_URL", "http://127.0.0.1:9/v2")
    report = warehouse.fetch()
    assert len(report.errors) == 1 + len(FETCHED)
    assert all("http://127.0.0.1:9/v2/country" in error for error in report.errors)
    assert all("refused" in error for error in report.errors)


def test_a_bad_value_is_quarantined_and_its_neighbours_land(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.series[PATENTS] = [
        wb.item(PATENTS, "Patent applications, residents", "CHN", str(1800 + n), n)
        for n in range(200)
    ]
    server.series[PATENTS][41]["value"] = "1,426,644"
    warehouse.fetch()
    landed = [x for x in warehouse.land() if x.file == f"{PATENTS} page 1"]
    assert [(x.outcome, x.rows_in, x.rows_quarantined) for x in landed] == [("landed", 200, 1)]
    assert len(warehouse.values()) == 199
    assert ("CHN", "1841") not in warehouse.values()
    quarantine = pl.read_parquet(warehouse.home / "warehouse/landed/operations/quarantine/*")
    assert quarantine.select("file", "raw_row", "column_name", "check", "value").row(0) == (
        "IP.PAT.RESD page 1",
        42,
        "obs_value",
        "type:Float64",
        "1,426,644",
    )


def test_a_revision_under_the_same_date_is_found(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    warehouse.fetch()
    warehouse.land()
    assert warehouse.findings() == []
    server.revise(PATENTS, "CHN", "2021", 1426645)
    report = warehouse.fetch()
    warehouse.land()
    assert [r.name for r in report.receipts if r.outcome == "stored"] == ["IP.PAT.RESD page 1"]
    (finding,) = warehouse.findings()
    assert finding["rule"] == "revision_without_release"
    assert finding["severity"] == "warning"
    assert (finding["indicator_id"], finding["ref_area"]) == (PATENTS, "CHN")
    assert (finding["time_period"], finding["expected"], finding["found"]) == (
        "2021",
        "1426644",
        "1426645",
    )
    assert "1 values differ between payloads of the release of 2026-01-28 (2021)" in str(
        finding["message"]
    )


def test_a_new_release_stands_beside_the_old_one(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    warehouse.fetch()
    server.lastupdated = "2026-04-08"
    server.revise(PATENTS, "CHN", "2021", 1426645)
    server.revise(PATENTS, "USA", "2020", None)
    server.revise(PATENTS, "USA", "2019", None)
    warehouse.fetch()
    warehouse.land()
    cell = warehouse.landing.accepted("observation").filter(
        indicator_id=PATENTS, ref_area="CHN", time_period="2021"
    )
    assert {str(d): v for d, v in cell.select("release_date", "obs_value").iter_rows()} == {
        "2026-01-28": 1426644,
        "2026-04-08": 1426645,
    }
    (finding,) = warehouse.findings()
    assert (finding["rule"], finding["severity"]) == ("withdrawn_value", "info")
    assert (finding["ref_area"], finding["time_period"]) == ("USA", None)
    assert "2 values of earlier releases" in str(finding["message"])
    assert "release of 2026-04-08 (2019, 2020); in 2020 it was 269586" in str(finding["message"])


def test_an_area_outside_the_list_of_economies_is_found(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.economies = [e for e in server.economies if e["id"] != "JPN"]
    warehouse.fetch()
    warehouse.land()
    found = {(f["rule"], f["indicator_id"], f["ref_area"]) for f in warehouse.findings()}
    assert found == {
        ("unknown_ref_area", PATENTS, "JPN"),
        ("unknown_ref_area", "SP.POP.TOTL", "JPN"),
    }


def test_without_a_list_of_economies_no_area_is_called_unknown(
    server: wb.WorldBankServer, warehouse: Warehouse
) -> None:
    server.fail("country", wb.unavailable, always=True)
    report = warehouse.fetch()
    warehouse.land()
    assert len(report.errors) == 1
    assert warehouse.values() == figures(PATENTS)
    assert warehouse.findings() == []


def test_a_real_release_comes_through_page_by_page(
    server: wb.WorldBankServer, warehouse: Warehouse, shared_path: Callable[[str], Path]
) -> None:
    folder = "data/world_bank/ds2_release_2026-01"
    name = "API_IP.PAT.RESD_DS2_en_csv_v2_226.csv"
    server.series = {}
    server.load(
        shared_path(f"{folder}/{name}").read_text("utf-8-sig"),
        shared_path(f"{folder}/Metadata_Country_{name}").read_text("utf-8-sig"),
    )
    report = warehouse.fetch(world_bank_per_page=5000)
    warehouse.land()
    assert report.errors == []
    assert len(server.asked(PATENTS)) == 4
    values = warehouse.values()
    assert len(values) == 266 * 65  # economies by years 1960 to 2024
    assert values["CHN", "1985"] == 4065
    assert values["CHN", "2021"] == 1426644
    assert values["WLD", "2021"] == 2385200
    assert sum(value is not None for value in values.values()) == 4276
    assert warehouse.landing.accepted("economy").height == 265
    assert warehouse.landing.accepted("economy")["is_aggregate"].sum() == 48
