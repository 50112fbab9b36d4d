"""`ipw explain` and `ipw high-value` as a user meets them, down to the bytes.

A small register is dropped as files, landed and published by the real command; what must come out
was worked out by hand from the plan's rule. Not here: the rule on thousands of registers
(tests/register), other commands (test_cli.py).
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import warehouse_runs as wr

AS_OF = "2026-06-30"
HEADER = (
    "申请号,申请日,公开公告号,公开公告日,授权公告日,发明名称,申请人,申请人国别省市,IPC分类号,"
    "优先权日,法律状态,is_simulated"
)
# Made-up patents. A47G1/06 is in no strategic industry; G06F11/07 is in 1.1 without keyword limit.
PRIZED = (
    "CN201010000001.8,2010-03-01,CN101000001B,2013-06-05,2013-06-05,甲装置,甲公司,广东省,"
    "A47G1/06,,有效,false"
)
LAPSED = (
    "CN201510000002.5,2015-05-20,CN105000002B,2018-08-10,2018-08-10,乙\x1b[31m方法,乙公司,北京市,"
    "G06F11/07,,失效,false"
)
OLD = (
    'CN201110000003.1,2011-01-10,CN102000003B,2014-04-02,2014-04-02,"丙装置,\n续",丙公司,广东省,'
    "A47G1/06,,有效,false"
)
MODEL = (
    "CN201220000004.6,2012-02-02,CN202000004U,2012-09-05,2012-09-05,丁器,丁公司,广东省,A47G1/06,,"
    "失效,false"
)
MADE_UP = (
    "CN201410000006.9,2014-07-07,CN104000006B,2016-09-09,2016-09-09,模拟专利,模拟申请人,江苏省,"
    "G06F11/07,,有效,true"
)
AWARD = "中国专利奖,18,2016,金奖,ZL201010000001.8,2016-12-07,false"
PLEDGE = "Y2014440000001,2014-02-03,,甲公司,某银行,ZL201010000001.8,500万元,false"
#: The office's own flag, which wins over the table: LAPSED is in 1.1, as the table says too.
FLAG = "CN105000002B,1.1,yes"


def told(number: str, granted: str, application: str, *events: tuple[str, str]) -> bytes:
    """An answer of OPS about one patent's life: events by code and effective day.

    It tells a later day of filing than the export; the earliest counts.
    """
    filed = f"{application[:4]}1231"
    legal = "".join(
        f'<ops:legal code="{code}"><ops:L001EP>CN</ops:L001EP><ops:L007EP>{day}</ops:L007EP>'
        f'<ops:L500EP><ops:L525EP desc="Effective DATE">{day}</ops:L525EP></ops:L500EP></ops:legal>'
        for code, day in events
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ops:world-patent-data xmlns="http://www.epo.org/exchange" xmlns:ops="http://ops.epo.org">
<ops:patent-family legal="true"><ops:family-member family-id="1"><publication-reference>
<document-id document-id-type="docdb"><country>CN</country><doc-number>{number}</doc-number>
<kind>B</kind><date>{granted}</date></document-id></publication-reference><application-reference>
<document-id document-id-type="docdb"><country>CN</country><doc-number>{application}</doc-number>
<kind>A</kind><date>{filed}</date></document-id></application-reference>{legal}
</ops:family-member></ops:patent-family></ops:world-patent-data>
""".encode()


FILES = {
    "cnipa_export/granted.csv": "\n".join((HEADER, PRIZED, LAPSED, OLD, MODEL, "")).encode(),
    "awards/awards.csv": f"奖项,届次,年份,等级,专利号,公布日期,is_simulated\n{AWARD}\n".encode(
        "gb18030"
    ),
    "pledges/pledges.csv": (
        f"登记号,质权生效日,解除日,出质人,质权人,专利号,金额,is_simulated\n{PLEDGE}\n".encode()
    ),
    "epo_ops/prized.xml": told("101000001", "20130605", "201010000001", ("GR01", "2013-06-05")),
    # The annual fee of LAPSED was not paid: it ended on 2024-09-01.
    "epo_ops/lapse.xml": told("105000002", "20180810", "201510000002", ("CF01", "2024-09-01")),
    "epo_ops/old.xml": told("102000003", "20140402", "201110000003", ("GR01", "2014-04-02")),
    "sei_flags/flags.csv": f"publication_number,sei_code,flag\n{FLAG}\n".encode(),
    "simulated/cnipa_export/made_up.csv": f"{HEADER}\n{MADE_UP}\n".encode(),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An IPW_HOME with the register above, published as of AS_OF."""
    home = tmp_path_factory.mktemp("register")
    for name, content in FILES.items():
        path = home / "raw" / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return wr.run(home, IPW_EVALUATION_DATE=AS_OF, IPW_WHOLE_LISTS="pledges:CN;awards:CN")


def parsed(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def explain(home: Path, *arguments: str) -> Any:
    return parsed(wr.ipw(home, "explain", *arguments, "--json"))


def stock(home: Path, *arguments: str) -> Any:
    return parsed(wr.ipw(home, "high-value", *arguments, "--json"))


def refused(home: Path, *arguments: str) -> str:
    """What a command says that must fail with exit code 1 and print nothing else."""
    done = wr.ipw(home, *arguments)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def spans(told: Any) -> dict[str, list[tuple[str, str | None, str | None]]]:
    return {
        one["condition"]: [(s["state"], s["from_date"], s["until_date"]) for s in one["spans"]]
        for one in told["conditions"]
    }


def proof(told: Any) -> dict[str, Any]:
    return {one["condition"]: one for one in told["evidence"]}


# One patent


def test_a_patent_has_its_conditions_with_days_and_verdicts(home: Path) -> None:
    told = explain(home, "CN201010000001.8")
    assert (told["patent_id"], told["as_of"], told["is_simulated"]) == (
        "CN201010000001",
        AS_OF,
        False,
    )
    assert told["patent"]["title"] == "甲装置"
    assert told["patent"]["legal_status_as_published"] == "有效"
    assert told["in_force"] == [
        {
            "from_date": "2013-06-05",
            "until_date": "2030-03-01",
            "is_certain": True,
            "residence": "CN-GD",
        }
    ]
    [owner] = told["owners"]
    assert (owner["owner_name"], owner["owner_region"]) == ("甲公司", "CN-GD")
    assert spans(told) == {
        "sei": [("false", None, None)],
        "family": [("unknown", None, None)],
        "maintenance": [("false", None, "2020-03-02"), ("true", "2020-03-02", None)],
        "pledge": [("false", None, "2014-02-03"), ("unknown", "2014-02-03", None)],
        "award": [("false", None, "2016-12-07"), ("true", "2016-12-07", None)],
    }
    states = {one["condition"]: one["state"] for one in told["conditions"]}
    assert states == {
        "sei": "false",
        "family": "unknown",
        "maintenance": "true",
        "pledge": "unknown",
        "award": "true",
    }
    of_rule = {one["condition"]: one["rule_versions"] for one in told["conditions"]}
    assert of_rule["pledge"] == ["v2021_five"]
    assert of_rule["award"] == ["v2021_five", "v2026_four"]
    verdicts = {row["rule_version"]: row for row in told["verdicts"]}
    assert list(verdicts) == ["v2021_five", "v2026_four"]
    for row in verdicts.values():
        assert row["high_value_state"] == "true"
        assert (row["high_value_from"], row["high_value_until"]) == ("2016-12-07", "2030-03-01")
        assert row["possible_from"] == "2013-06-05"
        assert row["first_condition"] == "award"


def test_evidence_leads_to_the_very_bytes(home: Path) -> None:
    found = proof(explain(home, "CN201010000001.8"))
    dropped = {
        "sei": ("ipc_assignment", "cnipa_export/granted.csv", 2, PRIZED),
        "maintenance": ("patent", "cnipa_export/granted.csv", 2, PRIZED),
        "pledge": ("pledge", "pledges/pledges.csv", 2, PLEDGE),
        "award": ("award", "awards/awards.csv", 2, AWARD),
    }
    assert set(found) == set(dropped)
    for condition, (table, file, row, record) in dropped.items():
        one = found[condition]
        digest = hashlib.sha256(FILES[file]).hexdigest()
        assert (one["table"], one["file"], one["row"]) == (table, Path(file).name, row)
        assert one["sha256"] == digest
        stored = one["bytes"]
        assert (stored["state"], stored["size"]) == ("verified", len(FILES[file]))
        assert Path(stored["path"]).read_bytes() == FILES[file]
        assert (stored["place"], stored["record"]) == (f"line {row}", record)
    assert found["pledge"]["rows"][0]["amount"] == 5_000_000
    assert found["award"]["rows"][0]["grade"] == "patent_gold"
    assert found["sei"]["rows"] == [{"ipc_symbol": "A47G1/06", "position": 1, "industries": []}]


@pytest.mark.parametrize(
    "number",
    [
        "201510000002.5",
        "ZL 2015 1 0000002.5",
        "CN201510000002",
        "CN105000002B",
        "CN 105000002 B",
        "cn-105000002-b",
    ],
)
def test_a_patent_goes_by_every_spelling(home: Path, number: str) -> None:
    assert explain(home, number)["patent_id"] == "CN201510000002"


def test_a_lapsed_patent_is_high_value_until_it_lapsed(home: Path) -> None:
    told = explain(home, "CN105000002B", "--rule", "v2026_four")
    [verdict] = told["verdicts"]
    assert verdict["rule_version"] == "v2026_four"
    assert (verdict["in_force_state"], verdict["high_value_state"]) == ("false", "false")
    assert (verdict["high_value_from"], verdict["high_value_until"]) == ("2018-08-10", "2024-09-01")
    assert verdict["first_condition"] == "sei"
    assert {one["condition"] for one in told["conditions"]} == {
        "sei",
        "family",
        "maintenance",
        "award",
    }
    flag = proof(told)["sei"]
    assert (flag["table"], flag["rows"]) == ("flag", [{"sei_code": "1.1", "is_sei": True}])
    assert flag["bytes"]["record"] == FLAG


def test_for_people_a_record_of_two_lines_is_whole_and_harmless(home: Path) -> None:
    done = wr.ipw(home, "explain", "CN201110000003.1")
    assert done.returncode == 0, done.stderr
    assert OLD.replace("\n", "\\n") in done.stdout
    assert "false until 2021-01-11, true from 2021-01-11" in done.stdout
    assert "2014-04-02 until 2031-01-10 (CN-GD)" in done.stdout
    assert "no landed row speaks for or against it" in done.stdout  # of its family
    # Text of a file cannot steer the terminal.
    done = wr.ipw(home, "explain", "CN201510000002.5")
    assert "\x1b" not in done.stdout
    assert "乙\\x1b[31m方法" in done.stdout


def test_a_utility_model_is_not_judged(home: Path) -> None:
    told = explain(home, "CN202000004U")
    assert told["patent"]["ip_type"] == "utility_model"
    assert (told["conditions"], told["verdicts"], told["evidence"]) == ([], [], [])
    assert "about invention patents alone" in wr.ipw(home, "explain", "CN202000004U").stdout


def test_a_number_nobody_knows_is_told_with_those_near_it(home: Path) -> None:
    message = refused(home, "explain", "CN201510000020")
    assert "no patent 'CN201510000020'" in message
    assert message.endswith("near it: CN201510000002\n")
    assert "near it" not in refused(home, "explain", "JP2004123456A")
    for text in ("", "patent", "CN201510000002.6", "CN' or '1'='1"):
        assert "can be read" in refused(home, "explain", text)
    assert "known: v2021_five, v2026_four" in refused(
        home, "explain", "CN201510000002.5", "--rule", "v2021_five' or '1'='1"
    )


def test_simulated_patents_are_told_apart(home: Path) -> None:
    message = refused(home, "explain", "CN201410000006.9")
    assert "the simulated register has one of that number: ask with --simulated" in message
    message = refused(home, "explain", "CN201010000001.8", "--simulated")
    assert "the real register has one of that number: ask without --simulated" in message
    done = wr.ipw(home, "explain", "CN201410000006.9", "--simulated")
    assert done.returncode == 0, done.stderr
    assert "no real patent" in done.stdout.splitlines()[0]
    told = explain(home, "CN201410000006.9", "--simulated")
    assert told["is_simulated"] is True
    assert spans(told)["sei"] == [("true", None, None)]
    [symbol] = proof(told)["sei"]["rows"]
    assert (symbol["ipc_symbol"], symbol["industries"]) == ("G06F11/07", ["1.1 true"])
    # That register tells no events, so nobody knows whether the right is still in force.
    assert [span["is_certain"] for span in told["in_force"]] == [False]
    assert {row["high_value_state"] for row in told["verdicts"]} == {"unknown"}


def test_bytes_that_were_changed_prove_nothing(home: Path, tmp_path: Path) -> None:
    damaged = wr.copy(home, tmp_path / "damaged")
    found = proof(explain(damaged, "CN201010000001.8"))
    path = Path(found["award"]["bytes"]["path"])
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    Path(found["pledge"]["bytes"]["path"]).unlink()

    done = wr.ipw(damaged, "explain", "CN201010000001.8", "--json")
    found = proof(parsed(done, code=1))
    assert {name: one["bytes"]["state"] for name, one in found.items()} == {
        "sei": "verified",
        "maintenance": "verified",
        "pledge": "missing",
        "award": "altered",
    }
    assert found["award"]["bytes"]["record"] is None
    assert f"{path} was altered" in done.stderr
    assert f"{found['pledge']['bytes']['path']} is gone" in done.stderr


# Many patents


def counts(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["valid_inventions"], row["high_value_lower"], row["high_value_upper"]


def test_a_stock_has_bounds_and_each_conditions_share(home: Path) -> None:
    told = stock(home, "--at", "2022-12-31", "--region", "CN-GD")
    [row] = told["areas"]
    # PRIZED by its award and its age, OLD by its age alone: older than ten years since 2021-01-11.
    assert counts(row) == (2, 2, 2)
    assert (row["maintenance_gross"], row["maintenance_unique"]) == (2, 1)
    assert (row["award_gross"], row["award_unique"]) == (1, 0)
    assert (row["sei_gross"], row["pledge_gross"]) == (0, 0)
    assert (told["is_covered"], told["covered_until"], told["chosen"]) == (True, "2024-09-01", [])
    # Ten years from grant are over on 2023-06-06 and 2024-04-03.
    told = stock(home, "--at", "2022-12-31", "--region", "CN-GD", "--set", "maintenance_from=grant")
    [row] = told["areas"]
    assert counts(row) == (2, 1, 2)
    assert (row["maintenance_gross"], row["award_unique"]) == (0, 1)
    [one] = told["chosen"]
    assert (one["parameter"], one["value"], one["default"]) == (
        "maintenance_from",
        "grant",
        "filing",
    )
    assert "annual fees run from filing" in one["reason"]


def test_parameters_work_together(home: Path) -> None:
    told = stock(
        home,
        *("--at", "2022-12-31", "--region", "CHN", "--set", "pledge_min_amount=1000000"),
        *("--set", "award_grades=patent_silver;patent_excellence", "--set", "maintenance_years=15"),
    )
    [row] = told["areas"]
    # Five million yuan are enough now; a gold award is not; nothing is older than fifteen years.
    assert (row["pledge_gross"], row["award_gross"], row["maintenance_gross"]) == (1, 0, 0)
    assert counts(row) == (3, 2, 3)
    assert [one["parameter"] for one in told["chosen"]] == [
        "award_grades",
        "maintenance_years",
        "pledge_min_amount",
    ]


def test_a_stock_per_10000_names_its_denominator(home: Path) -> None:
    [row] = stock(home, "--at", "2022-12-31", "--region", "CHN")["areas"]
    assert counts(row) == (3, 3, 3)
    # National Bureau of Statistics, 17 January 2022: 1,412.60 million at the end of 2021.
    assert row["high_value_lower_per_10k"] == pytest.approx(3 * 10_000 / 1_412_600_000)
    assert (row["population_period"], row["population_vintage"]) == ("2021", "2022-01-17")
    printed = wr.ipw(home, "high-value", "--at", "2022-12-31").stdout
    assert "per 10,000 residents at the end of 2021, as published 2022-01-17" in printed


def test_without_a_region_the_provinces_that_have_any_stand_among_the_totals(home: Path) -> None:
    told = stock(home, "--at", "2025-12-31", "--rule", "v2026_four")
    assert [(row["ref_area"], *counts(row)) for row in told["areas"]] == [
        ("CHN", 2, 2, 2),
        ("CN-GD", 2, 2, 2),
        ("CHN_HKMT", 2, 2, 2),
        ("WLD", 2, 2, 2),
    ]
    assert all(row["pledge_gross"] is None for row in told["areas"])
    assert told["is_covered"] is False
    printed = wr.ipw(home, "high-value", "--at", "2025-12-31", "--rule", "v2026_four").stdout
    assert "NOT COVERED: the register tells of this office until 2024-09-01 only" in printed
    assert "unconfirmed" in printed.splitlines()[0]


def test_the_simulated_stock_says_so_first(home: Path) -> None:
    done = wr.ipw(home, "high-value", "--at", "2018-12-31", "--simulated")
    assert done.returncode == 0, done.stderr
    assert "no real patent" in done.stdout.splitlines()[0]
    [row] = stock(home, "--at", "2018-12-31", "--simulated", "--region", "CN-JS")["areas"]
    assert counts(row) == (0, 0, 1)
    assert stock(home, "--at", "2018-12-31", "--region", "CN-JS")["areas"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rule", "v2022"], "no rule 'v2022'; known: v2021_five, v2026_four"),
        (["--rule", "v2021_five' or '1'='1"], "known: v2021_five, v2026_four"),
        (["--region", "CN-XX"], "no region 'CN-XX'; known: CHN, CHN_HKMT, WLD, CN-AH"),
        (["--region", "CN-GD'; drop table dim_rule_version; --"], "no region"),
        (["--office", "US"], "no patents of office 'US' in this register; it has: CN"),
        (["--set", "maintenance=grant"], "no parameter 'maintenance'; known: award_grades,"),
        (["--set", "on_day := '2000-01-01', x=1"], "no parameter"),
        (
            ["--set", "sei_symbols=all"],
            "parameter sei_symbols: no value 'all'; it takes any, first",
        ),
        (["--set", "maintenance_from=grant' or '1'='1"], "it takes filing, grant"),
        (["--set", "maintenance_from="], "parameter maintenance_from: no value ''"),
        (["--set", "maintenance_years=-1"], "whole years"),
        (["--set", "pledge_min_amount=nan"], "an amount in yuan"),
        (["--set", "award_grades=design_gold"], "grades joined by ;"),
        (["--at", "9999-12-31"], "no day 9999-12-31"),
    ],
)
def test_what_is_not_known_is_refused_by_name(
    home: Path, arguments: list[str], message: str
) -> None:
    day = [] if "--at" in arguments else ["--at", "2022-12-31"]
    before = wr.served(home).read_bytes()
    assert message in refused(home, "high-value", *day, *arguments)
    assert wr.served(home).read_bytes() == before


def test_wrong_usage_is_wrong_usage(home: Path) -> None:
    for arguments in (
        ["--at", "2022-13-31"],
        ["--at", "2022-12-31", "--set", "maintenance_from"],
        ["--at", "2022-12-31", "--set", "sei_symbols=any", "--set", "sei_symbols=first"],
    ):
        assert wr.ipw(home, "high-value", *arguments).returncode == 2


def test_without_patents_it_is_said_what_to_do(published_home: Path) -> None:
    assert "drop exports into" in refused(published_home, "high-value", "--at", "2022-12-31")
    assert "ipw simulate" in refused(
        published_home, "high-value", "--at", "2022-12-31", "--simulated"
    )
    assert "no patent" in refused(published_home, "explain", "CN202011172919.0")


# Real exports


@pytest.fixture(scope="module")
def real_home(tmp_path_factory: pytest.TempPathFactory, shared_path: Callable[[str], Path]) -> Path:
    """An IPW_HOME with real exports of CNIPA's search and The Lens, published."""
    home = tmp_path_factory.mktemp("exports")
    for adapter, name in (
        ("cnipa_export", "cnipa_pss_export/cnipa_pss_query_2021.csv"),
        ("lens", "lens_export/lens_export_full_columns.csv"),
    ):
        inbox = home / "raw" / "inbox" / adapter
        inbox.mkdir(parents=True)
        shutil.copy(shared_path(f"data/{name}"), inbox)
    done = wr.ipw(home, "run")
    assert done.returncode in (0, 3), done.stdout + done.stderr  # 3: some rows are kept out
    return home


def test_real_patents_lead_to_their_lines_of_the_real_files(
    real_home: Path, shared_path: Callable[[str], Path]
) -> None:
    path = shared_path("data/cnipa_pss_export/cnipa_pss_query_2021.csv")
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    read = list(enumerate(csv.reader(lines), 1))
    # Inventions of the numbering since 2003; A and B of one may stand on lines of their own.
    inventions = [(at, cells) for at, cells in read if re.match("CN20[0-9]{2}1", cells[0])]
    first = {cells[0]: at for at, cells in reversed(inventions)}
    chosen = inventions[::120]
    assert len(chosen) > 2
    for _, cells in chosen:
        told = explain(real_home, cells[0])
        assert told["patent_id"] == cells[0].partition(".")[0]
        assert told["patent"]["filing_date"] == cells[2].replace(".", "-")
        assert cells[3] in {
            f"{d['office']}{d['publication_number']}{d['kind_code']}" for d in told["documents"]
        }
        age = proof(told)["maintenance"]
        at = first[cells[0]]
        assert (age["row"], age["bytes"]["record"]) == (at, lines[at - 1])
        # The export tells neither symbols nor families, pledges or awards: unknown, never false.
        assert {
            one["state"] for one in told["conditions"] if one["condition"] != "maintenance"
        } == {"unknown"}

    path = shared_path("data/lens_export/lens_export_full_columns.csv")
    for number in ("US 201715458258 A", "15/458,258", "US15458258", "US 9,833,479 B2"):
        office = "" if number[0].isalpha() else "US "
        assert explain(real_home, office + number)["patent_id"] == "US15458258"
    told = explain(real_home, "US9833479B2")
    line = path.read_text(encoding="utf-8").splitlines()[1]
    assert line.startswith("1,US,B2,US 9833479 B2,")
    stored = proof(told)["family"]["bytes"]
    assert (stored["record"], stored["is_cut"]) == (line[: len(stored["record"])], True)
    # Its family, by that line, is of WO and US: nothing abroad.
    assert spans(told)["family"] == [("false", None, None)]
