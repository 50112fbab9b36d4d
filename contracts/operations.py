"""What the warehouse says of itself: findings, quarantine and landings."""

from __future__ import annotations

import polars as pl
from pandera.polars import PolarsData, dataframe_check

from contracts import vocabulary as v
from contracts.base import Contract, column


class Finding(Contract):
    """Something that a rule found in a dataset."""

    dataset: str = column("source and table")
    file: str = column("payload, as its receipt names it")
    row: int = column("row of the payload; NULL for a finding on several", nullable=True)
    rule: str = column("rule that found it")
    severity: str = column(
        "error: the figure cannot be right or was refused; warning: look; info", isin=v.SEVERITY
    )
    indicator_id: str = column("indicator", nullable=True)
    ref_area: str = column("area", nullable=True)
    time_period: str = column("period", nullable=True)
    expected: str = column("what the rule expects", nullable=True)
    found: str = column("what it found", nullable=True)
    message: str = column("one sentence for a statistician")
    status: str = column("open or explained", isin=["open", "explained"])
    explanation: str = column("why it stands", nullable=True)


class Quarantine(Contract):
    """A rule broken by a row that was kept out, with the row."""

    source_id: str = column("source")
    table_name: str = column("table")
    file: str = column("payload, as its receipt names it")
    raw_sha256: str = column("hash of the source bytes", matches=v.SHA256)
    raw_row: int = column("row of the payload", nullable=True)
    column_name: str = column("offending column; NULL for a rule over the row", nullable=True)
    check: str = column("rule that failed")
    value: str = column("offending value", nullable=True)
    row_json: str = column("the row as parsed")


class Landing(Contract):
    """What became of one payload in one table: rows in = accepted + quarantined."""

    source_id: str = column("source")
    table_name: str = column("table")
    file: str = column("payload, as its receipt names it")
    raw_sha256: str = column("hash of the source bytes", matches=v.SHA256)
    release_date: pl.Date = column("the source's date of the release", nullable=True)
    outcome: str = column("landed, or refused", isin=["landed", "refused"])
    rows_in: int = column("rows that the parser gave", ge=0)
    rows_accepted: int = column("rows that keep the contract", ge=0)
    rows_quarantined: int = column("rows kept out", ge=0)
    contract_version: str = column("version of the contract that judged them")
    message: str = column("why it was refused, or what was left out by name", nullable=True)
    landed_at: str = column("when, UTC")
    retrieved_at: str = column("when the bytes were last got, UTC")

    @dataframe_check
    @classmethod
    def nothing_is_lost(cls, data: PolarsData) -> pl.LazyFrame:
        kept = pl.col("rows_accepted") + pl.col("rows_quarantined")
        return data.lazyframe.select((pl.col("outcome") != "landed") | (pl.col("rows_in") == kept))


class Dataset(Contract):
    """A source's table: who answers for it and on which terms."""

    source_id: str = column("source")
    table_name: str = column("table")
    title: str = column("title of the source")
    publisher: str = column("who publishes it")
    licence: str = column("terms of reuse")
    attribution: str = column("how to cite it")
    may_publish: bool = column(
        "false: the terms forbid passing the values on; marts show only what is derived of them"
    )
    cadence: str = column("how often it is published")
    late_after_days: int = column("age of the last success above which it is late", unit="days")
    offline: bool = column("true when the checkout carries it")
    last_attempt: pl.Date = column("day of the last attempt to get bytes, UTC", nullable=True)
    last_success: pl.Date = column(
        "day of the last attempt that got bytes, new or unchanged, UTC", nullable=True
    )


#: Table name to contract, as the landing writes them and dbt reads them.
OPERATIONS: dict[str, type[Contract]] = {
    "finding": Finding,
    "quarantine": Quarantine,
    "landing": Landing,
    "dataset": Dataset,
}
