"""Asking Eurostat over HTTP, well and badly, and files of its, dropped.

A real client against a real server on loopback (tests/sdmx_server.py). Not here: SDMX-CSV as such
(test_oecd.py), what an indicator is (tests/marts).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sdmx_server as sdmx
import world_bank_server as faults
from hypothesis import given, settings
from hypothesis import strategies as st
from inbox import Inbox
from pytest_httpserver import HTTPServer

from pipelines.source import Payload, SourceFormatError
from pipelines.sources.eurostat import DATASETS, SOURCE, parse

Shared = Callable[[str], Path]
GREECE = "A,NR,EL,2013,67.59,,"
NOT_FOUND = (
    '{"error":[{"status":404,"id":100,"label":"ERR_NOT_FOUND_4: PAT_EP_NTOT is not available for '
    'dissemination."}]}'
)


@pytest.fixture
def server(http: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> sdmx.SdmxServer:
    """The service on loopback, to which the source's address points."""
    http.clear()
    service = sdmx.SdmxServer(http, sdmx.eurostat_empty())
    service.data["pat_ep_ntot"] = sdmx.eurostat(GREECE, "A,P_MHAB,UK,2013,81.1,p,")
    service.data["ipr_ta_reg"] = sdmx.eurostat(
        "A,NR,DE,2015,18000,,", flow="IPR_TA_REG", day="01/10/26 23:00:00"
    )
    monkeypatch.setenv("IPW_EUROSTAT_BASE_URL", service.url)
    return service


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """An empty warehouse."""
    return Inbox(SOURCE, tmp_path)


def cells(inbox: Inbox) -> set[tuple[object, ...]]:
    """What landed: data set, key, area, year, value, release."""
    names = ("dataset", "series_key", "geo", "time_period", "obs_value", "release_date")
    return set(inbox.cells().select(names).rows())


def test_everything_lands_with_its_day(server: sdmx.SdmxServer, inbox: Inbox) -> None:
    assert inbox.fetch().errors == []
    may, october = dt.date(2026, 5, 22), dt.date(2026, 10, 1)
    assert cells(inbox) == {
        ("PAT_EP_NTOT", "NR", "EL", "2013", 67.59, may),
        ("PAT_EP_NTOT", "P_MHAB", "UK", "2013", 81.1, may),
        ("IPR_TA_REG", "NR", "DE", "2015", 18000, october),
    }
    # Each data set once; royalties by their key, the others whole.
    assert sorted(server.paths()) == sorted(
        "/".join(part for part in pair if part) for pair in DATASETS.items()
    )
    assert {request.args["format"] for request in server.requests} == {"SDMX-CSV"}


def test_no_results_come_with_status_200_and_are_no_failure(
    server: sdmx.SdmxServer, inbox: Inbox
) -> None:
    server.data.clear()
    assert inbox.fetch().errors == []
    assert inbox.cells().is_empty()
    assert "Eurostat has no results for it" in inbox.landing.history()["message"].to_list()[0]


def test_results_that_vanish_fail_the_fetch_and_stay_landed(
    server: sdmx.SdmxServer, inbox: Inbox
) -> None:
    inbox.fetch()
    before = cells(inbox)
    del server.data["pat_ep_ntot"]
    (error,) = inbox.fetch().errors
    assert error.startswith("pat_ep_ntot: Eurostat answers NO_RESULTS, but it had some before")
    assert cells(inbox) == before


def test_an_answer_too_large_is_asked_for_in_spans_and_not_again(
    server: sdmx.SdmxServer, inbox: Inbox
) -> None:
    server.fail("pat_ep_ntot", sdmx.later)
    assert inbox.fetch().errors == []
    asked = [r.args for r in server.requests if "pat_ep_ntot" in r.path]
    assert "endPeriod" not in asked[0]
    spans = [(int(a["startPeriod"]), int(a["endPeriod"])) for a in asked[1:]]
    # Each year once, up to this one at least.
    years = [year for first, last in spans for year in range(first, last + 1)]
    assert years == sorted(set(years))
    assert (years[0], years[-1] >= dt.datetime.now(dt.UTC).year) == (2000, True)
    assert ("PAT_EP_NTOT", "NR", "EL", "2013", 67.59, dt.date(2026, 5, 22)) in cells(inbox)


def test_an_answer_that_stays_too_large_points_to_the_file_drop(
    server: sdmx.SdmxServer, inbox: Inbox
) -> None:
    server.fail("pat_ep_ntot", sdmx.later, always=True)
    (error,) = inbox.fetch().errors
    assert "the answer is too large (413); ask for less" in error
    assert "raw/inbox/eurostat/" in error
    # Once whole, once for the first span: then it is let be.
    assert sum("pat_ep_ntot" in path for path in server.paths()) == 2
    assert {dataset for dataset, *_ in cells(inbox)} == {"IPR_TA_REG"}


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (sdmx.says(404, NOT_FOUND, "application/json"), "HTTP 404: "),
        (sdmx.says(200, NOT_FOUND, "application/json"), "Eurostat answers ERR_NOT_FOUND_4"),
        (sdmx.says(403, "blocked"), "HTTP 403: blocked; ask again later, or drop its files into"),
        (faults.html, "XML in place of SDMX-CSV"),
        (faults.cut_off, "IncompleteRead"),
        (faults.redirect("http://localhost:9/rest/"), "refused a redirect to another place"),
        (sdmx.says(200, sdmx.eurostat(GREECE, day="yesterday")), "LAST UPDATE must be one day"),
    ],
)
def test_a_fault_is_told_and_what_landed_stays(
    server: sdmx.SdmxServer, inbox: Inbox, fault: sdmx.Fault, says: str
) -> None:
    inbox.fetch()
    before = cells(inbox)
    server.fail("pat_ep_ntot", fault)
    (error,) = inbox.fetch().errors
    assert error.startswith("pat_ep_ntot: ")
    assert says in error
    assert cells(inbox) == before


# Dropped files


@pytest.mark.parametrize(
    ("file", "outcome", "says"),
    [
        ("error_200_no_results.json", "landed", "Eurostat has no results for it"),
        ("error_404.json", "refused", "Eurostat answers ERR_NOT_FOUND_4: XYZ is not available"),
        ("warning_413_async.json", "refused", "the answer is too large (413)"),
        ("footer.xml", "refused", "too large to be sent at once (413)"),
        ("footer2.xml", "refused", "too large to be sent at once (413)"),
        ("NAMA_10_GDP-ss.xml", "refused", "XML in place of SDMX-CSV"),
    ],
)
def test_the_services_own_messages(
    inbox: Inbox, shared_path: Shared, file: str, outcome: str, says: str
) -> None:
    path = shared_path(f"samples/eurostat/{file}")
    (landed,) = inbox.drop(path.read_bytes(), path.name)
    assert (landed.outcome, landed.rows_in) == (outcome, 0)
    assert says in str(landed.message)


@pytest.mark.parametrize(
    ("cells_of_line", "value", "status"),
    [
        ("7.5,,", 7.5, "A"),
        (":,,", None, "M"),
        (",,", None, "M"),
        (":,c,", None, "M"),
        ("7.5,p,", 7.5, "P"),
        ("7.5,b,", 7.5, "B"),
        ("7.5,bd,", 7.5, "B"),
        ("7.5,e,", 7.5, "E"),
        ("7.5,s,", 7.5, "E"),
        ("7.5,d,", 7.5, "A"),
    ],
)
def test_flags_say_what_a_value_is(
    inbox: Inbox, cells_of_line: str, value: float | None, status: str
) -> None:
    inbox.drop(sdmx.eurostat(f"A,NR,EL,2013,{cells_of_line}").encode(), "pat.csv")
    row = inbox.cells().row(0, named=True)
    assert (row["obs_value"], row["obs_status"]) == (value, status)
    assert row["obs_flag"] == (cells_of_line.split(",")[1] or None)


def test_a_confidential_mark_in_its_own_column_is_kept(inbox: Inbox) -> None:
    inbox.drop(sdmx.eurostat("A,NR,EL,2013,:,,C").encode(), "pat.csv")
    row = inbox.cells().row(0, named=True)
    assert (row["obs_value"], row["obs_status"], row["obs_flag"]) == (None, "M", "c")


def test_dimensions_make_the_key_in_the_files_order(inbox: Inbox) -> None:
    text = (
        "DATAFLOW,LAST UPDATE,freq,currency,bop_item,stk_flow,partner,geo,TIME_PERIOD,OBS_VALUE,"
        "OBS_FLAG,CONF_STATUS\nESTAT:BOP_ITS6_DET(1.0),2026-05-22T11:00:00+0200,A,MIO_EUR,SH,DEB,"
        "WRL_REST,IE,2023,134029.5,,\n"
    )
    inbox.drop(text.encode(), "bop.csv")
    row = inbox.cells().row(0, named=True)
    assert (row["dataset"], row["series_key"]) == ("BOP_ITS6_DET", "MIO_EUR.SH.DEB.WRL_REST")
    assert (row["dimensions"], row["unit"]) == ("currency.bop_item.stk_flow.partner", "MIO_EUR")
    assert (row["obs_value"], row["release_date"]) == (134029.5, dt.date(2026, 5, 22))


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("A,NR,EL,2013,n/a,,", "obs_value"),
        ("A,NR,EL,2013,１２,,", "obs_value"),
        ("A,NR,EL,2013,1,?,", "obs_flag"),
        ("A,NR,Greece,2013,1,,", "geo"),
        ("A,NR,2013,EL,1,,", "time_period"),
        ("A,,EL,2013,1,,", "series_key"),
        ("X,NR,EL,2013,1,,", "freq"),
    ],
)
def test_a_bad_line_is_kept_out_by_name_and_the_others_land(
    inbox: Inbox, line: str, column: str
) -> None:
    filler = [f"A,NR,EL,{year},1,," for year in range(1700, 1900)]
    (landed,) = inbox.drop(sdmx.eurostat(*filler, line).encode(), "pat.csv")
    assert (landed.outcome, landed.rows_accepted, landed.rows_quarantined) == ("landed", 200, 1)
    named = inbox.quarantine()
    assert set(named["raw_row"]) == {202}
    assert column in named["column_name"].to_list()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (sdmx.eurostat(GREECE).replace("LAST UPDATE", "UPDATED"), "column 'LAST UPDATE' is gone"),
        (sdmx.eurostat(GREECE).replace("unit,", "sex,"), "lacks unit and currency"),
        (sdmx.eurostat(GREECE).replace("geo,", "country,"), "column 'geo' is gone"),
        (sdmx.eurostat(GREECE, "A,NR"), "line 3: 4 cells, the header has 9"),
        (sdmx.eurostat(GREECE).replace("TIME_PERIOD", "geo"), "no SDMX-CSV"),
        (sdmx.eurostat(GREECE).replace("unit,", "geo,"), "geo stands twice"),
    ],
)
def test_a_file_in_another_form_is_refused(text: str, says: str) -> None:
    with pytest.raises(SourceFormatError, match=r"^pat\.csv") as caught:
        parse(Payload(text.encode(), "pat.csv"))
    assert says in str(caught.value)


def test_a_day_that_contradicts_the_bytes_is_refused() -> None:
    content = sdmx.eurostat(GREECE).encode()
    with pytest.raises(SourceFormatError, match="updated on 2026-05-22, but it was given as"):
        parse(Payload(content, "pat.csv", dt.date(2026, 5, 23)))


@given(
    content=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["error", "warning", "label", "status"]), inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
    | st.integers(0, 100).map(lambda cut: sdmx.eurostat(GREECE).encode()[:cut])
)
@settings(deadline=None)
def test_junk_is_refused_and_never_a_crash(content: bytes) -> None:
    with pytest.raises(SourceFormatError, match=r"^junk"):
        parse(Payload(content, "junk"))
