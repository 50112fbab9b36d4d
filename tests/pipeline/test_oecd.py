"""Asking the OECD for patent counts over HTTP, well and badly, and files of its, dropped.

A real client against a real server on loopback (tests/sdmx_server.py), with the OECD's own figures
where the reference material is here. Not here: what an indicator is (tests/marts).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sdmx_server as sdmx
import warehouse_runs as wr
import world_bank_server as faults
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from inbox import Inbox
from pytest_httpserver import HTTPServer

from pipelines import sdmx_csv
from pipelines.raw_store import Receipt
from pipelines.source import Payload, SourceFormatError
from pipelines.sources.oecd import FLOWS, ROLES, SOURCE, is_empty, parse

Shared = Callable[[str], Path]
#: Requests of one fetch.
ONCE = len(FLOWS) * len(ROLES)
#: Words of the addresses of PCT applications and IP5 families, by inventor.
PCT = "9P50_1.A.AP.PATN.PRIORITY.._T+_Z.INVENTOR"
IP5 = "DF_PATENTS,1.0/9P50_3.A.PF.PATN_FM.PRIORITY.._T+_Z.INVENTOR"


@pytest.fixture
def server(http: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> sdmx.SdmxServer:
    """The service on loopback, to which the source's address points."""
    http.clear()
    service = sdmx.SdmxServer(http, sdmx.oecd_empty())
    service.data[PCT] = sdmx.oecd(sdmx.oecd_line("AUS", "2012", "1614.0917"))
    monkeypatch.setenv("IPW_OECD_BASE_URL", service.url)
    return service


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """An empty warehouse."""
    return Inbox(SOURCE, tmp_path)


def counts(inbox: Inbox) -> dict[tuple[str, str], float | None]:
    """What landed, by area and year."""
    rows = inbox.cells("patent_count").to_dicts()
    return {(r["ref_area"], r["time_period"]): r["obs_value"] for r in rows}


def test_the_oecds_own_figures_land_as_they_are(
    server: sdmx.SdmxServer, inbox: Inbox, shared_path: Shared
) -> None:
    figures = wr.read_csv(shared_path("samples/oecd/derived_pct_applications_real_values.csv"))
    lines = [
        sdmx.oecd_line(f["country_iso3"], f["year"], f["pct_applications_origin"]) for f in figures
    ]
    server.data[PCT] = sdmx.oecd(*lines)
    report = inbox.fetch()
    assert report.errors == []
    assert counts(inbox) == {
        (f["country_iso3"], f["year"]): float(f["pct_applications_origin"]) for f in figures
    }
    row = inbox.cells("patent_count").filter(ref_area="AUS", time_period="2012").row(0, named=True)
    # Fractional counts stay fractional.
    assert (row["obs_value"], row["value_as_published"]) == (1614.0917, "1614.0917")
    assert (row["patent_authorities"], row["agent_role"], row["unit_mult"]) == (
        "9P50_1", "INVENTOR", 0,
    )  # fmt: skip
    assert row["ref_area_name"] == "Name of AUS"
    # The header is line 1.
    assert row["raw_row"] == 2


def test_each_series_is_asked_for_once_with_eleven_dimensions(
    server: sdmx.SdmxServer, inbox: Inbox
) -> None:
    inbox.fetch()
    assert len(server.requests) == ONCE == len(set(server.paths()))
    for request in server.requests:
        flow, key = request.path.removeprefix("/rest/data/").split("/")
        assert flow.startswith("OECD.STI.PIE,DSD_PATENTS@DF_PATENTS")
        assert len(key.split(".")) == 11
        assert request.args["format"] == "csvfilewithlabels"
        assert request.args["dimensionAtObservation"] == "AllDimensions"


def test_no_records_is_an_empty_answer_and_not_a_failure(
    server: sdmx.SdmxServer, inbox: Inbox
) -> None:
    server.data.clear()
    report = inbox.fetch()
    assert report.errors == []
    assert inbox.cells("patent_count").is_empty()
    messages = inbox.landing.history()["message"].to_list()
    assert all("the OECD has no records of it" in message for message in messages)


def test_a_series_that_had_records_and_has_none_fails_the_fetch(
    server: sdmx.SdmxServer, inbox: Inbox
) -> None:
    inbox.fetch()
    server.data.clear()
    report = inbox.fetch()
    assert report.errors == [
        "pct inventor: the OECD answers that it has no records, but it had some before; its codes "
        "or flows have changed"
    ]
    assert counts(inbox) == {("AUS", "2012"): 1614.0917}


def test_a_refusal_is_not_asked_again_and_ends_the_attempt(
    server: sdmx.SdmxServer, inbox: Inbox
) -> None:
    server.data[IP5] = sdmx.oecd(sdmx.oecd_line("CHE", "2023", "5304.3022"))
    server.fail("9P50_2", sdmx.says(429, sdmx.TOO_MANY), always=True)
    report = inbox.fetch()
    # PCT by both roles, then the refused one; nothing after it.
    assert len(server.requests) == len(ROLES) + 1
    (error,) = report.errors
    assert "HTTP 429: You have exceeded the number of requests" in error
    assert "drop its files into raw/inbox/oecd/" in error
    # What came before stays.
    assert counts(inbox) == {("AUS", "2012"): 1614.0917}


def test_sixty_downloads_an_hour_hold_over_runs(server: sdmx.SdmxServer, inbox: Inbox) -> None:
    reports = [inbox.fetch() for _ in range(60 // ONCE + 2)]
    assert len(server.requests) == 60
    assert [report.errors for report in reports[: 60 // ONCE]] == [[]] * (60 // ONCE)
    for report in reports[60 // ONCE :]:
        (error,) = report.errors
        assert "60 downloads an hour are allowed and were made; the next one is free at" in error
        assert "raw/inbox/oecd/" in error


def test_downloads_of_an_hour_ago_do_not_count_and_repeats_do(
    server: sdmx.SdmxServer, inbox: Inbox
) -> None:
    now = dt.datetime.now(dt.UTC)
    receipt = Receipt(
        source_id="oecd", outcome="failed", name="pct inventor", url=f"{server.url}/data/x",
        requested_at=(now - dt.timedelta(minutes=61)).isoformat(), finished_at=now.isoformat(),
        licence="CC-BY-4.0",
    )  # fmt: skip
    for number in range(60):
        inbox.store.record(replace(receipt, receipt_id=f"{number:08d}"))
    # Half an hour ago one download was repeated after two failures: three.
    recent = (now - dt.timedelta(minutes=30)).isoformat()
    for number in range(60 - ONCE - 2):
        tries = ["503", "503"] if number == 0 else []
        inbox.store.record(
            replace(receipt, receipt_id=f"1{number:07d}", requested_at=recent, retried_after=tries)
        )
    # A dropped file is no download.
    inbox.store.record(replace(receipt, url="inbox/oecd/x.csv", requested_at=recent))
    assert inbox.fetch().errors == []
    assert len(server.requests) == ONCE
    (error,) = inbox.fetch().errors
    free = (now + dt.timedelta(minutes=30)).strftime("%H:%M UTC")
    assert free in error


def test_downloads_dated_in_the_future_are_none_of_this_hour(
    server: sdmx.SdmxServer, inbox: Inbox
) -> None:
    """The clock was set back by a day: it does not take a day until the service is asked again."""
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()
    receipt = Receipt(
        source_id="oecd", outcome="failed", name="pct inventor", url=f"{server.url}/data/x",
        requested_at=tomorrow, finished_at=tomorrow, licence="CC-BY-4.0",
    )  # fmt: skip
    for number in range(60):
        inbox.store.record(replace(receipt, receipt_id=f"{number:08d}"))
    assert inbox.fetch().errors == []
    assert len(server.requests) == ONCE


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (sdmx.says(413, "too many observations"), "HTTP 413: too many observations"),
        (sdmx.says(400, "Semantic error"), "HTTP 400: Semantic error"),
        (sdmx.says(404, "<html>Not here</html>"), "XML in place of SDMX-CSV; it begins with"),
        (faults.html, "XML in place of SDMX-CSV; it begins with '<!DOCTYPE html>"),
        (faults.cut_off, "IncompleteRead"),
        (faults.redirect("http://localhost:9/rest/"), "refused a redirect to another place"),
        (faults.endless, "the body is larger than 100000 bytes"),
        (sdmx.says(200, sdmx.OECD_HEADER + "\nDATAFLOW,x"), "line 2: 2 cells, the header has 36"),
    ],
)  # fmt: skip
def test_a_fault_costs_one_series_and_no_other(
    server: sdmx.SdmxServer, inbox: Inbox, fault: sdmx.Fault, says: str
) -> None:
    server.data[IP5] = sdmx.oecd(sdmx.oecd_line("CHE", "2023", "5304.3022"))
    server.fail(PCT, fault, always=True)
    (error,) = inbox.fetch(max_download_bytes=100_000).errors
    assert error.startswith("pct inventor: ")
    assert says in error
    assert counts(inbox) == {("CHE", "2023"): 5304.3022}


def test_a_moment_of_weakness_is_waited_out(server: sdmx.SdmxServer, inbox: Inbox) -> None:
    server.fail(PCT, faults.unavailable)
    report = inbox.fetch()
    assert report.errors == []
    assert report.receipts[0].retried_after == ["503"]


# Dropped files


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("derived_pct_applications_real_values.csv", "line 1: no SDMX-CSV"),
        ("sdmxjson_data-PART2-all-all.json", "JSON in place of SDMX-CSV"),
        ("actualconstraint-0.xml", "XML in place of SDMX-CSV"),
    ],
)
def test_what_is_no_sdmx_csv_is_refused(shared_path: Shared, file: str, says: str) -> None:
    path = shared_path(f"samples/oecd/{file}")
    with pytest.raises(SourceFormatError, match=says):
        parse(Payload(path.read_bytes(), path.name))


FILLER = [sdmx.oecd_line("DEU", str(year), "1.5") for year in range(1800, 2000)]


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        (sdmx.oecd_line("FRA", "2012", "n/a"), "obs_value", "n/a"),
        (sdmx.oecd_line("FRA", "2012", "１２"), "obs_value", "１２"),
        (sdmx.oecd_line("fra", "2012", "1"), "ref_area", "fra"),
        (sdmx.oecd_line("FRA", "12", "1"), "time_period", "12"),
        (sdmx.oecd_line("FRA", "2012", "1", role=""), "agent_role", None),
        (sdmx.oecd_line("FRA", "2012", "1", mult="99"), "unit_mult", "99"),
        (sdmx.oecd_line("FRA", "2012", "1", mult=""), "unit_mult", None),
    ],
)
def test_a_bad_line_is_kept_out_by_name_and_the_others_land(
    inbox: Inbox, line: str, column: str | None, value: str | None
) -> None:
    (landed,) = inbox.drop(sdmx.oecd(*FILLER, line).encode(), "pct.csv")
    assert (landed.outcome, landed.rows_accepted, landed.rows_quarantined) == ("landed", 200, 1)
    (row,) = inbox.quarantine().to_dicts()
    assert (row["raw_row"], row["column_name"], row["value"]) == (202, column, value)


def test_less_than_no_patent_is_no_count(inbox: Inbox) -> None:
    inbox.drop(sdmx.oecd(*FILLER, sdmx.oecd_line("FRA", "2012", "-1")).encode(), "pct.csv")
    (row,) = inbox.quarantine().to_dicts()
    assert (row["raw_row"], row["check"]) == (202, "counts_are_not_negative")


def test_a_missing_value_is_missing(inbox: Inbox) -> None:
    lines = [sdmx.oecd_line("FRA", "2012", ""), sdmx.oecd_line("FRA", "2013", "NaN")]
    inbox.drop(sdmx.oecd(*lines).encode(), "pct.csv")
    rows = inbox.cells("patent_count").select("obs_value", "obs_status").rows()
    assert rows == [(None, "M"), (None, "M")]


def test_a_file_without_labels_and_with_columns_in_another_order(inbox: Inbox) -> None:
    labelled = next(csv.DictReader(io.StringIO(sdmx.oecd(sdmx.oecd_line("FRA", "2012", "7.5")))))
    codes = {"DATAFLOW": labelled["STRUCTURE_ID"]} | {
        key: labelled[key] for key in reversed(labelled) if key.isupper() and "STRUCT" not in key
    }
    text = ",".join(codes) + "\n" + ",".join(codes.values()) + "\n"
    inbox.drop(text.encode(), "plain.csv")
    row = inbox.cells("patent_count").row(0, named=True)
    assert (row["ref_area"], row["obs_value"], row["ref_area_name"]) == ("FRA", 7.5, None)
    assert row["series_name"] == "9P50_1, AP, PATN, PRIORITY, INVENTOR"


def test_a_file_that_lacks_a_dimension_or_mixes_flows_is_refused() -> None:
    text = sdmx.oecd(sdmx.oecd_line("FRA", "2012", "1"))
    with pytest.raises(
        SourceFormatError, match="column 'AGENT_ROLE' is gone and 'ROLE' came: renamed"
    ):
        parse(Payload(text.replace("AGENT_ROLE", "ROLE").encode(), "pct.csv"))
    mixed = text + "\n" + sdmx.oecd_line("FRA", "2012", "1", flow="DF_PATENTS_WIPO")
    with pytest.raises(SourceFormatError, match="one data flow"):
        parse(Payload(mixed.encode(), "pct.csv"))
    with pytest.raises(SourceFormatError, match=r"byte 617 is not UTF-8"):
        parse(Payload(text.replace("Name of", "国").encode("gb18030"), "pct.csv"))


# Properties of SDMX-CSV

CODE = st.from_regex(r"\A[A-Z][A-Z0-9_]{0,6}\Z")
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8)
NUMBER = st.none() | st.decimals(0, 10**12, places=4).map(str)


@given(
    lines=st.lists(st.tuples(CODE, TEXT, NUMBER), min_size=1, max_size=8),
    labelled=st.booleans(),
    bom=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(deadline=None)
def test_any_file_is_read_as_it_stands(
    lines: list[tuple[str, str, str | None]], labelled: bool, bom: bool, end: str
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator=end)
    if labelled:
        # A label may be spelt like a component.
        writer.writerow(["STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "REF_AREA",
                         "TIME_PERIOD", "TIME_PERIOD", "Time", "OBS_VALUE", "FREQ"])  # fmt: skip
    else:
        writer.writerow(["DATAFLOW", "REF_AREA", "TIME_PERIOD", "OBS_VALUE"])
    for area, label, number in lines:
        if labelled:
            writer.writerow(["DATAFLOW", "A:F(1.0)", "F", "I", area, label, "2020", "", number, ""])
        else:
            writer.writerow(["A:F(1.0)", area, "2020", number])
    content = ("\ufeff" if bom else "").encode() + buffer.getvalue().encode()
    read = sdmx_csv.read("file.csv", content)
    assert read.dataflow == "A:F(1.0)"
    assert read.frame["REF_AREA"].to_list() == [area for area, _, _ in lines]
    assert read.frame["OBS_VALUE"].to_list() == [number for _, _, number in lines]
    assert set(read.frame["TIME_PERIOD"]) == {"2020"}
    if labelled:
        labels = read.frame[read.labels["REF_AREA"]].to_list()
        assert labels == [label.strip() or None for _, label, _ in lines]


@given(
    content=st.binary(max_size=300)
    | st.text(max_size=60).map(lambda text: f"DATAFLOW,{text}".encode())
    | st.integers(0, 400).map(lambda cut: sdmx.oecd(FILLER[0]).encode()[:cut])
)
@settings(deadline=None)
def test_junk_is_refused_and_never_a_crash(content: bytes) -> None:
    assume(not is_empty(content))
    with pytest.raises(SourceFormatError, match=r"^junk"):
        parse(Payload(content, "junk"))
