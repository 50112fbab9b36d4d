"""The command line as a user meets it: output, exit codes, what it writes and what it refuses.

Every test starts a real `ipw`. Not here: whether the figures are right (tests/marts), and what
becomes of a build that fails (tests/faults).
"""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import world_bank_server as wb
from filelock import FileLock
from pytest_httpserver import HTTPServer
from warehouse_runs import copy, ipw, rows, served

from pipelines.settings import CHECKOUT

FIGURES = CHECKOUT / "raw" / "official_releases"
#: A World Bank file as older downloads are: no line tells when it was released.
UNDATED = (
    '"Country Name","Country Code","Indicator Name","Indicator Code","2018","2019",\n'
    '"China","CHN","Patent applications, residents","IP.PAT.RESD","1393815","1243568",\n'
)
Tree = dict[str, tuple[int, int]]


def parsed(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    """What a command with --json printed; it must end with `code`."""
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


def tree(*folders: Path) -> Tree:
    """Every file below, with size and time of change."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in files}


def typed(line: dict[str, Any], **types: Any) -> None:
    """The line has exactly these fields, of these types."""
    assert set(line) == set(types)
    wrong = {name: line[name] for name, type_ in types.items() if not isinstance(line[name], type_)}
    assert wrong == {}


def flat(text: str) -> str:
    """Words of a message, without the frame that a terminal draws and its line ends."""
    return " ".join(text.replace("│", " ").split())


def lines_of(file: str) -> list[dict[str, str]]:
    """The rows of one of the reviewed files."""
    with (FIGURES / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def empty_home(tmp_path: Path) -> Path:
    """An IPW_HOME on which nothing was run."""
    home = tmp_path / "empty"
    home.mkdir()
    return home


@pytest.fixture
def server(http: HTTPServer) -> wb.WorldBankServer:
    """The World Bank's API on loopback."""
    http.clear()
    return wb.WorldBankServer(http)


# Reading


def test_the_scorecard_is_a_short_table(published_home: Path) -> None:
    done = ipw(published_home, "scorecard")
    assert done.returncode == 0
    assert "NAT-IP-FYP14" in done.stdout
    numbered = [
        line for line in done.stdout.splitlines() if line[:3].strip().isdigit() and "(20" in line
    ]
    # Issue 2, section 5: "on the figures at hand"; indicators 1 to 8 by number and status.
    assert [(line.split()[0], line.split()[-1]) for line in numbered] == [
        ("1", "met"),
        ("2", "not_yet_reported"),
        ("3", "reached_unconfirmed"),
        ("4", "reached_unconfirmed"),
        ("5", "reached_unconfirmed"),
        ("6", "not_yet_reported"),
        ("7", "met"),
        ("8", "reached_unconfirmed"),
    ]
    assert "853.99 (2023)" in numbered[2]
    assert "billion CNY" in numbered[2]
    assert len(done.stdout.splitlines()) < 40


def test_the_scorecard_for_a_program(published_home: Path) -> None:
    cards = parsed(ipw(published_home, "scorecard", "NAT-IP-FYP14", "--json"))
    by_number = {row["indicator_no"]: row for row in cards if row["indicator_no"]}
    assert sorted(by_number) == list(range(1, 9))
    third = by_number[3]
    assert third["latest_value"] == pytest.approx(853_990_000_000)
    assert third["unit"] == "CNY"
    assert third["target_value"] == 320_000_000_000.0
    assert third["first_met_period"] == "2022"
    assert third["final_value_published"] is False
    assert by_number[6]["progress_ratio"] == pytest.approx(0.05 / 0.11)
    assert by_number[8]["baseline_value"] is None
    assert by_number[8]["progress_ratio"] is None


def test_all_targets_of_a_plan_on_request(published_home: Path) -> None:
    few = ipw(published_home, "scorecard").stdout
    every = ipw(published_home, "scorecard", "--all").stdout
    count = len(parsed(ipw(published_home, "scorecard", "--json")))
    assert f"{count - 8} further targets" in few
    assert "further targets" not in every
    assert len(every.splitlines()) > len(few.splitlines())


def test_an_unknown_plan_is_answered_with_the_known_ones(published_home: Path) -> None:
    done = ipw(published_home, "scorecard", "NAT-IP-FYP99")
    assert done.returncode == 1
    assert "no plan 'NAT-IP-FYP99'" in done.stderr
    assert all(plan["plan_id"] in done.stderr for plan in lines_of("plans.csv"))


def test_a_query_for_a_person_and_for_a_program(published_home: Path) -> None:
    sql = (
        "select count(*) as plans, 12.5::decimal(4, 2) as price, null as nothing, "
        "date '2026-01-22' as day, '万件' as unit from dim_plan"
    )
    plans = len(lines_of("plans.csv"))
    assert parsed(ipw(published_home, "query", sql, "--json")) == [
        {"plans": plans, "price": 12.5, "nothing": None, "day": "2026-01-22", "unit": "万件"}
    ]
    shown = ipw(published_home, "query", sql).stdout
    assert all(word in shown for word in (str(plans), "12.50", "NULL", "2026-01-22", "万件"))
    assert "1 rows" in shown


def test_long_answers_are_cut_for_people_only(published_home: Path) -> None:
    shown = ipw(published_home, "query", "select * from range(300)").stdout
    assert "300 rows, 100 not shown" in shown
    whole = parsed(ipw(published_home, "query", "select * from range(300)", "--json"))
    assert [row["range"] for row in whole] == list(range(300))


def test_brackets_are_shown_as_they_are(published_home: Path) -> None:
    shown = ipw(published_home, "query", """select '[red]x[/red]' as v, '[/]' as "[b]" """)
    assert shown.returncode == 0
    assert "[red]x[/red]" in shown.stdout
    assert "[b]" in shown.stdout
    wrong = ipw(published_home, "query", "selec '[/b]'")
    assert wrong.returncode == 1
    assert "selec '[/b]'" in wrong.stderr


def test_bad_sql_says_what_is_wrong(published_home: Path) -> None:
    for sql, told in [
        ("select nothing from dim_plan", "nothing"),
        ("select * from no_such_table", "no_such_table"),
        ("select 1 as a, 2 as a", "rename one with AS"),
    ]:
        done = ipw(published_home, "query", sql)
        assert (done.returncode, done.stdout) == (1, ""), sql
        assert told in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "sql",
    [
        "create table mine (a int)",
        "create or replace view dim_plan as select 1",
        "insert into dim_plan select * from dim_plan",
        "update dim_plan set note = 'x'",
        "delete from dim_plan",
    ],
)
def test_a_query_changes_nothing(published_home: Path, sql: str) -> None:
    before = hashlib.sha256(served(published_home).read_bytes()).hexdigest()
    done = ipw(published_home, "query", sql)
    assert done.returncode == 1
    assert "read-only" in done.stderr
    assert hashlib.sha256(served(published_home).read_bytes()).hexdigest() == before


@pytest.mark.parametrize("sql", ["begin; drop table dim_plan", "select 1; select 2", " "])
def test_a_query_is_one_statement(published_home: Path, sql: str) -> None:
    done = ipw(published_home, "query", sql)
    assert (done.returncode, done.stdout) == (1, "")
    assert "one statement" in done.stderr


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('{outside}/secret.csv')",
        "select * from '{outside}/secret.csv'",
        "select * from read_text('{outside}/secret.csv')",
        "select * from read_parquet('{outside}/*.parquet')",
        "select * from glob('{outside}/*')",
        "select * from read_csv('https://example.org/x.csv')",
        "copy (select 1) to '{outside}/stolen.csv'",
        "export database '{outside}/stolen'",
        "attach '{outside}/other.duckdb' as other",
        "attach ':memory:' as other",
        "install httpfs",
        "load '{outside}/evil.duckdb_extension'",
        "create persistent secret s (type http)",
    ],
)
def test_a_query_reaches_nothing_outside(published_home: Path, tmp_path: Path, sql: str) -> None:
    (tmp_path / "secret.csv").write_text("word\nopen-sesame\n")
    before = tree(tmp_path)
    done = ipw(published_home, "query", sql.format(outside=tmp_path))
    assert done.returncode == 1
    assert "open-sesame" not in done.stdout + done.stderr
    assert "secret.csv" not in done.stdout
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    "sql",
    [
        "set enable_external_access = true",
        "set lock_configuration = false",
        "reset lock_configuration",
        "set memory_limit = '100GB'",
        "set extension_directory = '/tmp'",
        "pragma threads = 64",
    ],
)
def test_a_query_changes_no_setting(published_home: Path, sql: str) -> None:
    done = ipw(published_home, "query", sql)
    assert done.returncode == 1
    assert "read-only and closed to files and settings" in flat(done.stderr)


def test_status_counts_the_rows_of_each_dataset(published_home: Path) -> None:
    lines = parsed(ipw(published_home, "status", "--json"))
    for line in lines:
        typed(
            line,
            dataset=str,
            last_attempt=str | None,
            last_success=str | None,
            period_from=str | None,
            period_to=str | None,
            releases=int,
            rows_accepted=int,
            rows_quarantined=int,
            payloads_refused=int,
            freshness=str,
            late_by_days=int,
            period_late_by_days=int | None,
            last_error=str | None,
            notes=list,
        )
    by_dataset = {line["dataset"]: line for line in lines}
    for file in FIGURES.glob("*.csv"):
        line = by_dataset[f"official_releases.{file.stem.removesuffix('s')}"]
        assert line["rows_accepted"] == len(lines_of(file.name))
        assert (line["rows_quarantined"], line["payloads_refused"]) == (0, 0)
        assert line["freshness"] == "fresh"
    periods = [r["time_period"] for r in lines_of("observations.csv") if r["value_as_published"]]
    observation = by_dataset["official_releases.observation"]
    assert (observation["period_from"], observation["period_to"]) == (min(periods), max(periods))
    world_bank = by_dataset["world_bank.observation"]
    assert (world_bank["last_success"], world_bank["freshness"]) == (None, "never")


def test_every_source_and_contract_is_shown_in_full(published_home: Path) -> None:
    sources = parsed(ipw(published_home, "sources", "--json"))
    by_id = {source["source"]: source for source in sources}
    typed(
        by_id["world_bank"],
        source=str, title=str, publisher=str, licence=str, attribution=str, cadence=str,
        address=str, inbox=str,
    )  # fmt: skip
    assert by_id["world_bank"]["address"] == "https://api.worldbank.org/v2"
    assert by_id["world_bank"]["licence"] == "CC-BY-4.0"
    assert by_id["world_bank"]["inbox"] == str(published_home / "raw" / "inbox" / "world_bank")
    assert by_id["official_releases"]["inbox"] is None
    contracts = parsed(ipw(published_home, "contracts", "--json"))
    for line in contracts:
        typed(line, dataset=str, version=str, key=str, columns=int, reject_limit=str)
    keys = {line["dataset"]: line["key"] for line in contracts}
    assert keys["world_bank.observation"] == "indicator_id, ref_area, time_period"
    shown = ipw(published_home, "sources").stdout + ipw(published_home, "contracts").stdout
    assert all(name in shown for name in (*by_id, *keys, "quarterly", "CC-BY-4.0"))


def test_an_address_can_be_set_for_each_source(published_home: Path) -> None:
    done = ipw(published_home, "sources", "--json", IPW_WORLD_BANK_BASE_URL="http://here/v2/")
    by_id = {source["source"]: source["address"] for source in parsed(done)}
    assert by_id["world_bank"] == "http://here/v2"


# Before the first run, and wrong usage


@pytest.mark.parametrize(
    "command", [("scorecard",), ("query", "select 1"), ("query", "x", "--json")]
)
def test_before_the_first_run_it_says_what_to_do(
    empty_home: Path, command: tuple[str, ...]
) -> None:
    done = ipw(empty_home, *command)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"nothing is published under {empty_home / 'warehouse'}: run `ipw run`" in done.stderr
    assert list(empty_home.iterdir()) == []


def test_status_before_the_first_run_says_never(empty_home: Path) -> None:
    lines = parsed(ipw(empty_home, "status", "--json"))
    assert {line["dataset"].split(".")[0] for line in lines} >= {"official_releases", "world_bank"}
    assert {line["freshness"] for line in lines} == {"never"}
    assert {line["rows_accepted"] for line in lines} == {0}
    assert list(empty_home.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("fetch", "no_such_source"), ", official_releases, "),
        (("run", "--source", "no_such_source"), ", official_releases, "),
        (("run", "--evaluation-date", "2026-13-01"), "--evaluation-date"),
        (("fetch",), "Missing argument"),
        (("query",), "Missing argument"),
        (("no-such-command",), "No such command"),
        (("status", "--no-such-option"), "No such option"),
    ],
)
def test_wrong_usage_is_told_and_does_nothing(
    empty_home: Path, command: tuple[str, ...], told: str
) -> None:
    done = ipw(empty_home, *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in flat(done.stderr)
    assert list(empty_home.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"), [("IPW_KEEP_BUILDS", "0"), ("IPW_EVALUATION_DATE", "tomorrow")]
)
def test_a_wrong_setting_is_named(empty_home: Path, name: str, value: str) -> None:
    done = ipw(empty_home, "run", **{name: value})
    assert done.returncode == 2
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert list(empty_home.iterdir()) == []


# Running


def test_a_run_that_cannot_write_publishes_nothing(published_home: Path, tmp_path: Path) -> None:
    home = copy(published_home, tmp_path / "home")
    build_id = (home / "warehouse" / "current").resolve().name
    with FileLock(home / "warehouse" / ".lock"):
        verdict = parsed(ipw(home, "run", "--json", IPW_LOCK_SECONDS="0.2"), code=1)
        fetch = ipw(home, "fetch", "official_releases", IPW_LOCK_SECONDS="0.2")
    assert "another run has been writing" in verdict["error"]
    assert (verdict["published"], verdict["build_id"]) == (False, build_id)
    assert (fetch.returncode, fetch.stdout) == (1, "")
    assert str(home / "warehouse" / ".lock") in fetch.stderr
    # The lock is gone: the same run goes well, and finds that nothing changed.
    done = ipw(home, "run", "--json")
    verdict = parsed(done)
    typed(
        verdict,
        published=bool, build_id=str, problems=list, error=type(None), seconds=float, log=str,
    )  # fmt: skip
    assert (verdict["published"], verdict["build_id"]) == (False, build_id)
    assert "official_releases: getting bytes" in done.stderr
    assert Path(verdict["log"]).is_relative_to(home)


def test_a_file_without_a_date_is_refused_until_it_has_one(
    published_home: Path, tmp_path: Path, server: wb.WorldBankServer
) -> None:
    checkout = (CHECKOUT / "raw", CHECKOUT / "warehouse", CHECKOUT / ".dagster")
    outside = tree(*checkout, published_home)
    scratch = sorted((CHECKOUT / "dbt_project" / "target").iterdir())
    git = ["git", "-C", str(CHECKOUT), "status", "--porcelain", "--", "raw", "warehouse"]
    untracked = subprocess.run(git, capture_output=True, text=True, check=False).stdout
    home = copy(published_home, tmp_path / "home")
    inbox = home / "raw" / "inbox" / "world_bank"
    inbox.mkdir(parents=True)
    (inbox / "patents.csv").write_text(UNDATED)

    done = ipw(home, "run", IPW_WORLD_BANK_BASE_URL=server.url)
    assert server.requests == []  # not a live run: nobody is asked
    assert done.returncode == 3
    assert "patents.csv" in done.stdout
    assert "does not say when it was released" in done.stdout
    assert "raw/inbox/world_bank/2013-12-18/" in done.stdout
    assert "Published build" in done.stdout
    status = {line["dataset"]: line for line in parsed(ipw(home, "status", "--json"))}
    refused = status["world_bank.observation"]
    assert (refused["payloads_refused"], refused["rows_accepted"]) == (1, 0)
    assert rows(
        home, "select count(*) as n from fct_observation where source_id = 'world_bank'"
    ) == [{"n": 0}]
    (finding,) = rows(home, "select * from fct_finding where dataset like 'world_bank%'")
    assert (finding["file"], finding["severity"], finding["status"]) == (
        "patents.csv",
        "error",
        "open",
    )

    # Doing what the message says puts it right.
    (inbox / "2021-09-15").mkdir()
    shutil.move(inbox / "patents.csv", inbox / "2021-09-15")
    verdict = parsed(ipw(home, "run", "--json"))
    assert (verdict["published"], verdict["problems"]) == (True, [])
    status = {line["dataset"]: line for line in parsed(ipw(home, "status", "--json"))}
    landed = status["world_bank.observation"]
    assert (landed["payloads_refused"], landed["rows_accepted"], landed["releases"]) == (0, 2, 1)
    assert (landed["period_from"], landed["period_to"]) == ("2018", "2019")
    found = rows(
        home,
        "select time_period, obs_value, vintage::varchar as vintage from fct_observation "
        "where source_id = 'world_bank' order by time_period",
    )
    assert found == [
        {"time_period": "2018", "obs_value": 1393815.0, "vintage": "2021-09-15"},
        {"time_period": "2019", "obs_value": 1243568.0, "vintage": "2021-09-15"},
    ]
    assert rows(home, "select * from fct_finding where dataset like 'world_bank%'") == []

    # All of it happened under the one home: not in the checkout, not in the home it was copied of.
    assert tree(*checkout, published_home) == outside
    assert sorted((CHECKOUT / "dbt_project" / "target").iterdir()) == scratch
    assert subprocess.run(git, capture_output=True, text=True, check=False).stdout == untracked


# Asking an address


def receipts(home: Path) -> list[dict[str, Any]]:
    """Every receipt of the World Bank on disk."""
    folder = home / "raw" / "receipts" / "world_bank"
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*/*.json"))]


def test_fetch_asks_the_address_that_is_set(empty_home: Path, server: wb.WorldBankServer) -> None:
    here = {"IPW_WORLD_BANK_BASE_URL": server.url}
    got = parsed(ipw(empty_home, "fetch", "world_bank", "--json", **here))
    assert {receipt["outcome"] for receipt in got} == {"stored", "unchanged"}
    assert all(receipt["url"].startswith(f"{server.url}/") for receipt in got)
    assert len(got) == len(server.requests) == len(receipts(empty_home))
    for receipt in got:
        body = empty_home / "raw" / "objects" / receipt["sha256"][:2] / receipt["sha256"]
        assert hashlib.sha256(body.read_bytes()).hexdigest() == receipt["sha256"]
        assert body.stat().st_size == receipt["size"]
    (patents,) = [receipt for receipt in got if receipt["name"].startswith("IP.PAT.RESD")]
    assert (patents["http_status"], patents["release_date"]) == (200, "2026-01-28")
    # Fetching neither lands nor publishes.
    assert not (empty_home / "warehouse" / "current").exists()
    again = ipw(empty_home, "fetch", "world_bank", **here)
    assert again.returncode == 0
    assert f"0 stored, {len(got)} unchanged, 0 incomplete, 0 failed" in again.stdout


def test_fetch_says_what_could_not_be_got(empty_home: Path, server: wb.WorldBankServer) -> None:
    server.fail("IP.PAT.RESD", wb.html, always=True)
    done = ipw(empty_home, "fetch", "world_bank", IPW_WORLD_BANK_BASE_URL=server.url)
    assert done.returncode == 3
    assert "1 failed" in done.stdout
    assert "error: IP.PAT.RESD" in done.stderr
    outcomes = {r["name"].split()[0]: r["outcome"] for r in receipts(empty_home)}
    assert outcomes["IP.PAT.RESD"] == "failed"
    assert outcomes["SP.POP.TOTL"] == "stored"


def test_a_live_run_of_one_source_publishes_what_the_address_gives(
    published_home: Path,
    tmp_path: Path,
    server: wb.WorldBankServer,
) -> None:
    home = copy(published_home, tmp_path / "home")
    figures = tree(home / "raw" / "receipts" / "official_releases")
    server.fail("SP.POP.TOTL", wb.html, always=True)
    done = ipw(
        home, "run", "--live", "--source", "world_bank", "--json",
        IPW_WORLD_BANK_BASE_URL=server.url,
    )  # fmt: skip
    verdict = parsed(done, code=3)
    assert verdict["published"] is True
    (problem,) = verdict["problems"]
    assert problem.startswith("SP.POP.TOTL")
    assert "asking for IP.PAT.RESD" in done.stderr
    found = rows(
        home,
        "select ref_area, obs_value, vintage::varchar as vintage from fct_observation "
        "where indicator_id = 'IP.PAT.RESD' and time_period = '2021' order by ref_area",
    )
    assert found == [
        {"ref_area": area, "obs_value": float(values["2021"] or 0), "vintage": "2026-01-28"}
        for area, values in sorted(wb.FIGURES["IP.PAT.RESD"].items())
    ]
    # The other source was not asked again, and still serves.
    assert tree(home / "raw" / "receipts" / "official_releases") == figures
    assert len(parsed(ipw(home, "scorecard", "--json"))) > 8
