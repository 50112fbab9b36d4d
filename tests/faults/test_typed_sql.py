"""SQL that a person typed cannot reach a file, change what is served, or take the machine.

What plain statements are refused with stands in tests/pipeline/test_cli.py; here are the ways
around: statements within queries, the served file's own name, and questions without an end.
"""

from __future__ import annotations

import time
from pathlib import Path

import duckdb
import pytest
import tally
from warehouse_runs import ipw

from pipelines import serve
from pipelines.settings import Settings

ROWS = 1_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A served database with one table, and limits that a test can wait for."""
    settings = Settings(
        home=tmp_path, query_seconds=1, query_rows=ROWS, query_memory_bytes=128 * 2**20
    )
    settings.served.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.served)) as connection:
        connection.execute(
            "create table cell as select range as n, 'v' || range as v from range(9)"
        )
    return settings


def refused(settings: Settings, sql: str) -> str:
    """What a query is refused with; nothing that is served or beside it changes."""
    before = {path: path.read_bytes() for path in settings.served.parent.rglob("*")}
    tally.count("hostile queries")
    with pytest.raises(duckdb.Error) as refusal:
        serve.query(settings, sql)
    assert {path: path.read_bytes() for path in settings.served.parent.rglob("*")} == before
    assert serve.query(settings, "select count(*) as n from cell").to_dicts() == [{"n": 9}]
    return str(refusal.value)


@pytest.mark.parametrize(
    "sql",
    [
        # DuckDB opens the database's own file and log to whoever names them.
        "copy (select 42) to '{served}' (format csv, use_tmp_file false)",
        "copy (select 42) to '{served}.wal' (format csv, use_tmp_file false)",
        "with x as (copy (select 42) to '{served}' (format csv, use_tmp_file false)) from x",
        "with x as (copy (select 42) to '{served}.wal' (format csv, use_tmp_file false)) from x",
        "with x as (copy (select 42) to '{beside}' (format csv, use_tmp_file false)) from x",
        "explain analyze copy (select 42) to '{beside}'",
        "from read_blob('{served}')",
        "from read_text('/etc/passwd')",
        "from read_csv('/etc/passwd')",
        "from '/etc/passwd'",
        "from read_json('/proc/self/environ')",
        "from read_parquet('{beside}')",
        "from sniff_csv('/etc/passwd')",
        "from glob('/*')",
        "from parquet_metadata('/etc/passwd')",
        "from query('copy (select 42) to ''{beside}''')",
        "select getenv('HOME')",
        "with x as (insert into cell values (9, 'v9') returning *) from x",
        "with x as (delete from cell returning *) from x",
        "attach '{served}' as other (read_write)",
        "export database '{beside}'",
        "import database '{beside}'",
        "copy from database ip_warehouse to memory",
        "create temp table mine as select 1",
        "create macro mine() as 1",
        "prepare mine as select 1",
        "call enable_logging(storage = 'file')",
        "pragma enable_profiling",
        "pragma profiling_output = '{beside}'",
        "force install spatial from community",
        "update extensions",
        "load icu",
        "checkpoint",
        "vacuum",
        "use temp",
        "detach ip_warehouse",
        "set variable x = 1",
        "create secret s (type s3)",
    ],
)
def test_no_way_around(settings: Settings, sql: str) -> None:
    beside = settings.served.with_name("stolen.csv")
    assert refused(settings, sql.format(served=settings.served.resolve(), beside=beside))
    assert not beside.exists()


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("select count(*) from range(100000000) a, range(100000) b where a.range % 7 = b.range % 5",
         "IPW_QUERY_SECONDS"),
        ("with recursive r as (select 1 n union all select n + 1 from r) select max(n) from r",
         "IPW_QUERY_SECONDS"),
        (f"from range({ROWS + 1})", "IPW_QUERY_ROWS"),
        ("select string_agg(repeat('x', 1000000), '') from range(100000)", "Out of Memory"),
        ("from range(20000000) order by hash(range)", "Out of Memory"),
        ("select " + "(" * 3000 + "1" + ")" * 3000, "expression depth"),
    ],
)  # fmt: skip
def test_no_question_without_an_end(settings: Settings, sql: str, told: str) -> None:
    begun = time.monotonic()
    assert told in refused(settings, sql)
    assert time.monotonic() - begun < 10


def test_queries_that_read_are_answered(settings: Settings) -> None:
    for sql, rows in {
        "from cell": 9,
        "with few as (from cell limit 2) select * from few": 2,
        "values (1), (2)": 2,
        "describe cell": 2,
        "show tables": 1,
        "summarize cell": 2,
        "pivot cell on n in (1, 2) using any_value(v) group by v": 9,
        f"from range({ROWS})": ROWS,
        "explain from cell": 1,
    }.items():
        assert serve.query(settings, sql).height == rows, sql


def test_what_cannot_be_interrupted_ends_the_process_with_a_message(settings: Settings) -> None:
    sql = "select levenshtein(repeat('a', 1000000), repeat('b', 1000000))"
    begun = time.monotonic()
    done = ipw(settings.home, "query", sql, IPW_QUERY_SECONDS="1")
    assert done.returncode == 1
    assert "ended after 2 s" in done.stderr
    assert time.monotonic() - begun < 20
