"""Rows divided by a contract as a landing does it, beside SQL written by hand for the same rules.

Both leave the accepted rows and where they come from as Parquet, and each broken rule with row,
value and the row itself; they must name the same. Not here: how it is started (contracts.py).
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Final

import duckdb
import polars as pl
from measuring import Figures
from pandera.polars import PolarsData, dataframe_check

from contracts.base import Contract, RejectLimit, column, terms
from pipelines.landing_table import TableLanding, landed
from pipelines.raw_store import Receipt

#: Of a thousand rows, how many break each rule; a number that stands twice spoils both its rows.
PER_RULE: Final = 2
#: Rows of a batch, as large sources hand them over.
BATCH: Final = 1_000_000
#: What SQL may use; the landing is given nothing to keep to.
MEMORY: Final = "2GB"
#: Most that ours may need of the seconds of SQL, and bytes of memory.
AIM: Final = 1.5
PEAK: Final = 2 * 10**9
#: Hash of the input's bytes, as rows tell it.
SHA256: Final = "0" * 64
ACCEPTED: Final = "accepted"
FAILURES: Final = "failures.parquet"


class Record(Contract):
    """A patent: five rules, one of them that its number stands once in the whole file."""

    application_number: str = column("number", matches="CN[0-9]{12}")
    office: str = column("office", isin=["CN", "US", "EP", "JP", "KR"])
    filing_date: pl.Date = column("filing")
    grant_date: pl.Date = column("grant", nullable=True)
    claims: int = column("claims", ge=1)
    raw_row: int = column("row", ge=0)

    class Config:
        unique = "application_number"
        metadata = terms(reject_limit=RejectLimit(because="a test", since="2026-11", share=0.5))

    @dataframe_check
    @classmethod
    def dates_in_order(cls, data: PolarsData) -> pl.LazyFrame:
        granted = pl.col("grant_date")
        return data.lazyframe.select(granted.is_null() | (pl.col("filing_date") <= granted))


def write(to: Path, rows: int) -> None:
    """A Parquet file of so many rows (a multiple of 2,000), a hundredth of them bad."""
    with duckdb.connect() as made:
        made.execute(
            """
            create table line as select n, n % 1000 as fate from range($rows) as line(n)
            """,
            {"rows": rows},
        )
        numbers = """
            select
                case
                    when fate < $per then 'CN' || lpad(n::varchar, 12, '0') || 'X'
                    -- Two rows half a file apart bear one number.
                    when fate < 2 * $per
                        then 'CN' || lpad((n % ($rows // 2))::varchar, 12, '0')
                    else 'CN' || lpad(n::varchar, 12, '0')
                end as application_number,
                case
                    when fate >= 2 * $per and fate < 3 * $per then 'XX'
                    else ['CN', 'US', 'EP', 'JP', 'KR'][1 + n % 5]
                end as office,
                date '2001-01-01' + (n % 7000)::integer as filing_date,
                case
                    when fate >= 3 * $per and fate < 4 * $per then date '2000-12-31'
                    when n % 3 > 0 then date '2001-01-01' + (n % 7000)::integer + 900
                end as grant_date,
                case when fate >= 4 * $per and fate < 5 * $per then 0 else 1 + n % 20 end as claims,
                n as raw_row
            from line
            """
        made.sql(numbers, params={"rows": rows, "per": PER_RULE}).write_parquet(str(to))


def by_contract(source: Path, folder: Path) -> None:
    """Judged in batches by the code that lands every payload."""
    receipt = Receipt(
        "bench", "stored", source.name, "", "", "", "", sha256=SHA256, release_date=None
    )
    table = TableLanding(folder, ACCEPTED, Record, landed("bench", "record", receipt), {})
    for batch in pl.scan_parquet(source).collect_batches(chunk_size=BATCH, maintain_order=True):
        table.add(batch, None)
    done = table.finish(folder / FAILURES, None)
    if done.outcome != "landed":
        raise RuntimeError(done.message)


def by_sql(source: Path, folder: Path) -> None:
    """The same two results by statements that know the rules, and nothing else."""
    with duckdb.connect() as made:
        made.execute(f"set memory_limit = '{MEMORY}'; set preserve_insertion_order = false")
        made.execute("set temp_directory = $to", {"to": str(folder / "spill")})
        made.execute(
            """
            create table repeated as
            select application_number from read_parquet($source)
            group by all having count(*) > 1
            """,
            {"source": str(source)},
        )
        judged = """
            with judged as (
                select
                    line.*,
                    regexp_full_match(application_number, 'CN[0-9]{12}') as is_number,
                    office in ('CN', 'US', 'EP', 'JP', 'KR') as is_office,
                    claims >= 1 as has_claims,
                    grant_date is null or filing_date <= grant_date as is_in_order,
                    repeated.application_number is null as is_unique
                from read_parquet($source) as line
                left join repeated using (application_number)
            )
            """
        # Each row says where it comes from, as ours do.
        file = f"'{source.name}' as raw_file, '{SHA256}' as raw_sha256"
        provenance = f"null::date as release_date, {file}, '' as retrieved_at"
        good = "is_number and is_office and has_claims and is_in_order and is_unique"
        rows = made.sql(
            f"""
            {judged}
            select
                columns(* exclude (is_number, is_office, has_claims, is_in_order, is_unique)),
                {provenance}
            from judged where {good}
            """,  # noqa: S608
            params={"source": str(source)},
        )
        rows.write_parquet(str(folder / f"{ACCEPTED}.parquet"), compression="zstd")
        failures = made.sql(
            f"""
            {judged},
            failed as (
                select
                    raw_row,
                    to_json(judged) as row_json,
                    unnest(list_filter([
                        case when not is_number then {{
                            'column_name': 'application_number', 'check': 'matches',
                            'value': application_number
                        }} end,
                        case when not is_office then {{
                            'column_name': 'office', 'check': 'isin', 'value': office
                        }} end,
                        case when not has_claims then {{
                            'column_name': 'claims', 'check': 'ge', 'value': claims::varchar
                        }} end,
                        case when not is_in_order then {{
                            'column_name': null, 'check': 'dates_in_order', 'value': null
                        }} end,
                        case when not is_unique then {{
                            'column_name': null, 'check': 'unique', 'value': application_number
                        }} end
                    ], lambda reason: reason is not null)) as reason
                from judged
                where not ({good})
            )
            select 'bench' as source_id, 'record' as table_name, {file}, raw_row, row_json, reason.*
            from failed
            """,  # noqa: S608
            params={"source": str(source)},
        )
        failures.write_parquet(str(folder / FAILURES), compression="zstd")


CONTESTANTS: Final[dict[str, Callable[[Path, Path], None]]] = {
    "ours": by_contract,
    "sql": by_sql,
}


def agree(ours: Path, theirs: Path) -> tuple[int, int]:
    """How many rows both accepted and how many failures both name. Raises RuntimeError else."""
    return (
        _same(ours / f"{ACCEPTED}*.parquet", theirs / f"{ACCEPTED}*.parquet", ["raw_row"]),
        _same(ours / FAILURES, theirs / FAILURES, ["raw_row", "column_name"]),
    )


def _same(one: Path, other: Path, columns: list[str]) -> int:
    counted = []
    for path in (one, other):
        rows = pl.scan_parquet(path).select(columns)
        told = rows.select(pl.len(), pl.struct(columns).hash().sum()).collect(engine="streaming")
        counted.append(told.row(0))
    if counted[0] != counted[1]:
        raise RuntimeError(f"{one} and {other} tell of other rows: {counted}")
    return int(counted[0][0])


def measured(contestant: str, source: Path, folder: Path) -> Figures:
    """One run in a process of its own, on a file that was read before."""
    ours, theirs = get_context("spawn").Pipe(duplex=False)
    child = get_context("spawn").Process(target=_run, args=(contestant, source, folder, theirs))
    child.start()
    theirs.close()
    figures: Figures = ours.recv()
    child.join()
    return figures


def _run(contestant: str, source: Path, folder: Path, to: Connection) -> None:
    wall, cpu = time.monotonic(), time.process_time()
    CONTESTANTS[contestant](source, folder)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    to.send(Figures(wall, cpu, getrusage(RUSAGE_SELF).ru_maxrss * 1024))


def main() -> None:
    """Print seconds, memory and the ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000, help="a multiple of 2,000")
    parser.add_argument("--runs", type=int, default=3, help="of which the best counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "rows.parquet"
        writer = get_context("spawn").Process(target=write, args=(source, options.rows))
        writer.start()
        writer.join()
        best: dict[str, Figures] = {}
        folders = {contestant: Path(name) / contestant for contestant in CONTESTANTS}
        for at in range(options.runs):
            for contestant, folder in folders.items():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                found = measured(contestant, source, folder)
                best[contestant] = min(best.get(contestant, found), found)
                print(f"run {at + 1}, {contestant}: {_told(found)}", flush=True)
        accepted, failures = agree(*folders.values())
        print(f"both accept {accepted:,} rows of {options.rows:,} and name {failures:,} failures")
        ours, sql = best["ours"], best["sql"]
        print(f"ours: {_told(ours)}\nsql:  {_told(sql)}")
        for what, ratio in (("wall", ours.wall / sql.wall), ("CPU", ours.cpu / sql.cpu)):
            print(f"ours / sql, {what}: {ratio:.2f} (aim {AIM}: {_met(ratio <= AIM)})")
        print(f"peak of ours: {ours.peak / 1e9:.2f} GB (aim 2: {_met(ours.peak <= PEAK)})")


def _told(figures: Figures) -> str:
    return f"{figures.wall:.1f} s, {figures.cpu:.1f} s CPU, {figures.peak / 1e9:.2f} GB"


def _met(is_met: bool) -> str:
    return "met" if is_met else "missed"
