"""The Bureau of Statistics' national data: kept answers of the closed interface, and the new one.

Recordings are the real ones; their cells are read here by json from the YAML, by another path.
The live client asks a real server on loopback (tests/nbs_server.py).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbs_server
import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inbox import Inbox
from pytest_httpserver import HTTPServer

from contracts.base import split
from pipelines.source import Payload, SourceFormatError
from pipelines.sources.nbs_easyquery import SOURCE, parse

Shared = Callable[[str], Path]
RECORDED = "data/nbs_easyquery_recorded"
DAY = dt.date(2026, 3, 3)
GRANTS = {"2023": 3649072, "2022": 4323409, "2021": 4601457, "2020": 3639268, "2019": 2591607}


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """An empty warehouse."""
    return Inbox(SOURCE, tmp_path)


def recorded(path: Path) -> list[tuple[str, Any]]:
    """(form that was sent, answer) of each exchange of a recording."""
    exchanges = yaml.safe_load(path.read_text(encoding="utf-8"))["interactions"]
    return [
        (exchange["request"]["body"], json.loads(exchange["response"]["body"]["string"]))
        for exchange in exchanges
    ]


# --- kept answers -------------------------------------------------------------------------------


def test_every_cell_of_every_recording_lands_and_what_has_no_data_is_null(
    inbox: Inbox, shared_path: Shared
) -> None:
    files = sorted(shared_path(RECORDED).glob("test_*.yaml"))
    assert len(files) == 9
    cells: dict[tuple[str, str, str, str], float | None] = {}
    entries = set()
    for path in files:
        landed = inbox.drop(path.read_bytes(), path.name)
        assert {(one.outcome, one.rows_quarantined) for one in landed} == {("landed", 0)}
        for form, answer in recorded(path):
            database = form.split("dbcode=")[1].split("&")[0]
            if isinstance(answer, list):
                entries |= {(database, entry["id"], entry["isParent"]) for entry in answer}
                continue
            for node in answer["returndata"]["datanodes"]:
                axes = {axis["wdcode"]: axis["valuecode"] for axis in node["wds"]}
                value = float(node["data"]["strdata"]) if node["data"]["hasdata"] else None
                cells[database, axes["zb"], axes.get("reg", ""), axes["sj"]] = value
    found = inbox.cells().unique(["database", "series_code", "ref_area", "time_period"])
    assert found.height == len(cells) == 9 + 403 + 12 + 1 + 2 + 6 - 1 + 1
    assert sorted(v for v in cells.values() if v is not None) == sorted(
        found["obs_value"].drop_nulls()
    )
    assert found["obs_value"].null_count() == sum(v is None for v in cells.values()) > 400
    assert set(found.filter(pl.col("obs_value").is_null())["obs_status"]) == {"M"}
    assert not (found["obs_value"] == 0).any()  # 0.0 beside hasdata:false is no value
    tree = inbox.cells("catalogue_entry")
    assert set(tree.select("database", "series_code", "has_children").rows()) == entries
    assert tree.height == len(entries) > 600


def test_money_supply_of_january_2022_as_the_bureau_answered_it(
    inbox: Inbox, shared_path: Shared
) -> None:
    inbox.drop(shared_path(f"{RECORDED}/test_stats_multi_zb.yaml").read_bytes(), "kept.yaml")
    (row,) = inbox.cells().filter(pl.col("series_code") == "A0D0101").to_dicts()
    assert (row["obs_value"], row["unit_measure"], row["unit_mult"]) == (2431022.72, "CNY", 8)
    assert (row["database"], row["ref_area"], row["freq"]) == ("hgyd", "CHN", "M")
    assert (row["time_period"], row["release_date"]) == ("2022-01", DAY)
    assert row["series_name"] == "货币和准货币(M2)供应量_期末值"


def test_an_answer_without_a_region_is_the_nation_s_whatever_was_asked(
    inbox: Inbox, shared_path: Shared
) -> None:
    path = shared_path(f"{RECORDED}/test_stats_with_reg.yaml")
    ((form, _),) = recorded(path)
    assert "110000" in form
    inbox.drop(path.read_bytes(), path.name)
    assert inbox.cells()["ref_area"].to_list() == ["CHN"]


def test_provinces_carry_their_iso_codes(inbox: Inbox, shared_path: Shared) -> None:
    path = shared_path(f"{RECORDED}/test_get_reg_provinces.yaml")
    inbox.drop(path.read_bytes(), path.name)
    areas = set(inbox.cells()["ref_area"])
    assert len(areas) == 31
    assert {"CN-BJ", "CN-NM", "CN-SN", "CN-SX", "CN-XZ"} <= areas


# --- answers one by one, and damaged ones -------------------------------------------------------


def old(*nodes: dict[str, Any], unit: str = "项", area: str | None = None) -> dict[str, Any]:
    """An answer of the old interface: nodes by data of each year from 2021 on."""
    axes = [{"wdcode": "zb", "valuecode": "A0N01"}]
    names = [
        {"wdcode": "zb", "nodes": [{"code": "A0N01", "cname": "专利申请授权数", "unit": unit}]}
    ]
    if area:
        axes.append({"wdcode": "reg", "valuecode": "990000"})
        names.append({"wdcode": "reg", "nodes": [{"code": "990000", "cname": area}]})
    return {
        "returncode": 200,
        "returndata": {
            "datanodes": [
                {"data": node, "wds": [*axes, {"wdcode": "sj", "valuecode": str(2021 + at)}]}
                for at, node in enumerate(nodes)
            ],
            "wdnodes": [*names, {"wdcode": "sj", "nodes": [None]}],
        },
    }


def cell(value: float, text: str | None = None, has: bool = True) -> dict[str, Any]:
    return {"data": value, "hasdata": has, "strdata": str(value) if text is None else text}


def drop(inbox: Inbox, answer: Any, name: str = "kept.json") -> list[Any]:
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return inbox.drop(text.encode(), name, DAY)


def test_a_true_zero_stays_zero_beside_a_missing_one(inbox: Inbox) -> None:
    drop(inbox, old(cell(0.0, "0"), cell(0.0, "", has=False)))
    rows = inbox.cells().sort("time_period")
    assert rows["obs_value"].to_list() == [0.0, None]
    assert rows["obs_status"].to_list() == ["A", "M"]


@pytest.mark.parametrize(
    ("answer", "column", "value"),
    [
        (old(cell(1), unit="担"), "unit_measure", "担"),
        (old(cell(1), area="亚特兰蒂斯"), "ref_area", "亚特兰蒂斯"),
        (old(cell(1, "１２")), "obs_value", "１２"),
        (old(cell(-5)), None, "-5"),
    ],
    ids=["unit", "area", "full-width digits", "negative count"],
)
def test_a_bad_cell_is_kept_out_by_name_and_the_others_land(
    inbox: Inbox, answer: dict[str, Any], column: str | None, value: str
) -> None:
    good = old(cell(7), cell(8))
    good["returndata"]["datanodes"][0]["wds"][0]["valuecode"] = "A0N02"
    good["returndata"]["datanodes"][1]["wds"][0]["valuecode"] = "A0N03"
    names = good["returndata"]["wdnodes"][0]["nodes"]
    names += [{**names[0], "code": "A0N02"}, {**names[0], "code": "A0N03"}]
    answer["returndata"]["datanodes"] += good["returndata"]["datanodes"]
    answer["returndata"]["wdnodes"][0]["nodes"] += names[1:]
    (landed,) = drop(inbox, answer)
    assert (landed.outcome, landed.rows_accepted, landed.rows_quarantined) == ("landed", 2, 1)
    kept_out = inbox.quarantine().row(0, named=True)
    assert (kept_out["raw_row"], kept_out["column_name"]) == (1, column)
    assert value in kept_out["value"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"returncode":501,"returndata":"对不起，未能找到符合查询条件的信息。"}', "未能找到"),
        ('{"success":false,"message":"参数错误"}', "参数错误"),
        ("<html>wzws</html>", "HTML instead of JSON"),
        ('{"returncode":200,"returndata":{"datan', "not JSON at character 32 of 38"),
        ('{"cid":"5c74"}', "neither a table nor a tree"),
        ("interactions: {", "not YAML"),
        ("interactions: []", "no recording"),
        ("interactions:\n- request: {}", "interaction 1: no request with its answer"),
        ("[" * 100_000, "nested deeper"),
        ('{"success":true,"data":[{"code":"2023YY","values":["x"]}]}', "of another kind"),
        ('[{"id":"A01"}]', "entry 1 of the tree has no id"),
    ],
)
def test_an_answer_that_is_none_is_refused_and_says_why(inbox: Inbox, text: str, said: str) -> None:
    (landed,) = drop(inbox, text, "kept.yaml" if "inter" in text else "kept.json")
    assert landed.outcome == "refused"
    assert "kept." in str(landed.message)
    assert said in str(landed.message)


def test_an_answer_of_an_unknown_day_is_refused_with_the_folder_to_use(inbox: Inbox) -> None:
    (landed,) = inbox.drop(json.dumps(old(cell(1))).encode(), "kept.json")
    assert landed.outcome == "refused"
    assert "raw/inbox/nbs_easyquery/2026-03-03/" in str(landed.message)


def test_samples_of_the_new_interface_land_with_their_placeholders_as_missing(
    inbox: Inbox, shared_path: Shared
) -> None:
    for place, area, value in (("national", "CHN", 100.5), ("beijing", "CN-BJ", 100.2)):
        name = f"new_esData_cpi_{place}_202607.json"
        inbox.drop(shared_path(f"samples/nbs/{name}").read_bytes(), name, dt.date(2026, 8, 15))
        (row,) = inbox.cells().filter(pl.col("ref_area") == area).to_dicts()
        assert (row["obs_value"], row["time_period"]) == (value, "2026-07")
        assert row["series_name"] == "居民消费价格指数(上年同月=100)"
    name = "new_esData_placeholders_wu_and_empty.json"
    parsed = parse(Payload(shared_path(f"samples/nbs/{name}").read_bytes(), name, DAY))
    values = parsed.tables["observation"]["obs_value"].to_list()
    assert values == [None, None, None, None, "100.8", "100.4", "100.9", "100.3"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["data", "values", "wds", "returncode", "returndata", "success", "datanodes",
                 "wdnodes", "code", "hasdata", "zb", "sj", "interactions", "request"]
            ),
            inner,
            max_size=4,
        ),
        max_leaves=20,
    )
)  # fmt: skip
def test_any_json_is_landed_or_refused_by_name(value: Any) -> None:
    payload = Payload(json.dumps(value, ensure_ascii=False).encode(), "kept.json", DAY)
    try:
        parsed = parse(payload)
    except SourceFormatError:
        return
    for table, frame in parsed.tables.items():
        accepted, _, rejected = split(frame, SOURCE.tables[table])
        assert accepted.height + rejected.height == frame.height


# --- the new interface, asked -------------------------------------------------------------------


@pytest.fixture
def server(http: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> nbs_server.NbsServer:
    """The interface on loopback, to which the source's address points; two series are asked for."""
    http.clear()
    found = nbs_server.NbsServer(http)
    monkeypatch.setenv("IPW_NBS_EASYQUERY_BASE_URL", found.url)
    monkeypatch.setattr("pipelines.sources.nbs_easyquery.SERIES", ("专利申请授权数", "年末总人口"))
    return found


@pytest.fixture
def quick(tmp_path: Path) -> Inbox:
    """A warehouse whose client keeps a short distance between requests."""
    return Inbox(replace(SOURCE, seconds_between_requests=0.01), tmp_path)


def test_nothing_is_asked_unless_the_setting_says_so(
    server: nbs_server.NbsServer, quick: Inbox
) -> None:
    report = quick.fetch()
    assert (server.requests, report.receipts) == ([], [])


def test_series_are_found_by_name_and_their_leaves_stand_beside_each_other(
    server: nbs_server.NbsServer, quick: Inbox
) -> None:
    report = quick.fetch(nbs_easyquery_live=True)
    assert report.errors == []
    rows = quick.cells()
    grants = rows.filter(pl.col("series_name") == "专利申请授权数")
    assert {
        r["time_period"]: r["obs_value"] for r in grants.to_dicts() if r["obs_status"] == "A"
    } == GRANTS
    assert grants.filter(pl.col("obs_status") == "M")["time_period"].to_list() == ["2018"]
    people = rows.filter(pl.col("series_code") == "b103").sort("time_period")
    assert people["obs_value"].to_list() == [None, 141175.0, 140967.0]
    assert set(people["unit_mult"]) == {4}
    assert set(rows["ref_area"]) == {"CHN"}
    assert set(rows["release_date"]) == {dt.datetime.now(dt.UTC).date()}
    # Only the national yearly series of that very name was asked for, with a session.
    asked = [question["cid"] for _, _, question in server.requests if question]
    assert asked == ["aa01", "aa02", "aa03"]
    assert {r.cookies.get("JSESSIONID") for _, r, _ in server.requests[1:]} == {"s1"}


def test_one_request_a_second(server: nbs_server.NbsServer, inbox: Inbox) -> None:
    server.faults[4] = nbs_server.forbidden
    inbox.fetch(nbs_easyquery_live=True)
    times = [at for at, _, _ in server.requests]
    assert len(times) == 4
    assert min(b - a for a, b in pairwise(times)) >= 0.99


@pytest.mark.parametrize(
    "fault",
    [nbs_server.forbidden, nbs_server.guard, nbs_server.challenge],
    ids=lambda f: f.__name__,
)
@pytest.mark.parametrize("at", [2, 3, 4])
def test_a_refusal_ends_the_fetch_and_names_the_inbox(
    server: nbs_server.NbsServer, quick: Inbox, fault: nbs_server.Fault, at: int
) -> None:
    server.faults[at] = fault
    report = quick.fetch(nbs_easyquery_live=True)
    assert len(server.requests) == at
    (error,) = report.errors
    assert "raw/inbox/nbs_easyquery/" in error
    # A leaf without its sibling is half a series: nothing of the unit lands.
    assert quick.cells().is_empty()


@pytest.mark.parametrize("fault", [nbs_server.failure, nbs_server.unavailable])
def test_an_error_costs_its_series_alone_and_is_not_asked_again(
    server: nbs_server.NbsServer, quick: Inbox, fault: nbs_server.Fault
) -> None:
    server.faults[3] = fault
    report = quick.fetch(nbs_easyquery_live=True)
    assert len(report.errors) == 1
    assert set(quick.cells()["series_name"]) == {"年末总人口"}
    assert len(server.requests) == 5  # session, search, table, search, table
