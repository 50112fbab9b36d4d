"""The Bureau of Statistics' series in the warehouse: one series over its codes, no zero for a gap.

Not here: how answers are read (tests/pipeline/test_nbs_easyquery.py).
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import warehouse_runs as wr

GRANTS = "NBS.HGND.专利申请授权数"
LEAVES = {
    "0a" * 16: {"2023": "3649072", "2022": "4323409", "2021": ""},
    "0b" * 16: {"2020": "3639268", "2019": "无"},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in whose inbox lie a table of each leaf and an old answer without data."""
    found = tmp_path_factory.mktemp("nbs")
    inbox = found / "raw" / "inbox" / "nbs_easyquery" / "2026-11-20"
    inbox.mkdir(parents=True)
    for code, values in LEAVES.items():
        periods = [
            {
                "code": f"{year}YY",
                "values": [
                    {
                        "_id": code, "i_showname": "专利申请授权数 ", "du_name": "项",
                        "value": value, "da": "000000000000", "da_name": "全国",
                    }
                ],
            }
            for year, value in values.items()
        ]  # fmt: skip
        answer = {"success": True, "data": periods}
        (inbox / f"{code}.json").write_text(json.dumps(answer), encoding="utf-8")
    missing = {
        "datanodes": [
            {
                "data": {"data": 0.0, "hasdata": False, "strdata": ""},
                "wds": [
                    {"wdcode": "zb", "valuecode": "A0101"},
                    {"wdcode": "sj", "valuecode": "2023"},
                ],
            }
        ],
        "wdnodes": [{"wdcode": "zb", "nodes": [{"code": "A0101", "cname": "x", "unit": "个"}]}],
    }
    old = json.dumps({"returncode": 200, "returndata": missing})
    (inbox / "old.json").write_text(old, encoding="utf-8")
    return wr.served_models(found, "fct_observation_latest", "dim_indicator", "dim_release")


def test_leaves_of_one_series_are_one_series(home: Path) -> None:
    rows = wr.rows(
        home,
        "select time_period, obs_value, vintage, release_id from fct_observation_latest "
        "where indicator_id = ? and ref_area = 'CHN' order by time_period",
        [GRANTS],
    )
    assert {r["time_period"]: r["obs_value"] for r in rows} == {
        "2020": 3639268.0,
        "2022": 4323409.0,
        "2023": 3649072.0,
    }
    assert {(r["vintage"], r["release_id"]) for r in rows} == {
        (dt.date(2026, 11, 20), "nbs-data-2026-11-20")
    }
    (indicator,) = wr.rows(home, "select * from dim_indicator where indicator_id = ?", [GRANTS])
    assert (indicator["unit_measure"], indicator["source_id"]) == ("NUMBER", "nbs_easyquery")
    assert wr.rows(
        home, "select publisher from dim_release where release_id = 'nbs-data-2026-11-20'"
    ) == [{"publisher": "National Bureau of Statistics of China"}]


def test_what_has_no_data_is_no_zero_anywhere(home: Path) -> None:
    (staged,) = wr.rows(
        home,
        "select count(*) as cells, count(obs_value) as values "
        "from staging.stg_nbs_easyquery__observation",
    )
    assert staged == {"cells": 6, "values": 3}
    assert wr.rows(
        home,
        "select * from fct_observation where source_id = 'nbs_easyquery' "
        "and (obs_value = 0 or indicator_id like '%A0101')",
    ) == []  # fmt: skip
