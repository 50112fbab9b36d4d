"""Lists of pledged patents, typed from the gazette: registration, days, parties, patents, amount.

Here: the columns of such a list, in Chinese or English, and how amounts are printed. Not here: what
pledges mean for the indicators (dbt), how a table is written (delimited.py).

A row for each patent. A registration may be one line with several patents, or a line for each, as
the gazette prints it; `assets` is the number of different patents of the registration in the whole
file (or the list's own column), for which the file is read twice. The gazette does not print
amounts: blank is NULL. An amount keeps its decimals; 万 and 亿 are read, and a currency is what the
list says, beside the amount or in a column of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import polars as pl

from contracts.patent_numbers import named
from pipelines.source import Batch, Notes
from pipelines.sources.patent_register.cells import agreed, day, flag
from pipelines.sources.patent_register.delimited import CHINESE, FAULT, Table, open_table
from pipelines.sources.patent_register.frames import parts
from pipelines.sources.patent_register.rows import Rows
from pipelines.sources.patent_register.unpack import whole

ADAPTER: Final = "pledges"
COLUMNS: Final = {
    "registration": ("登记号", "质押登记号", "registration_number", "registration number"),
    "registered": (
        "登记日",
        "登记日期",
        "登记生效日",
        "质权生效日",
        "质押登记日",
        "生效日",
        "registration_date",
        "registration date",
    ),
    "cancelled": (
        "解除日",
        "注销日",
        "质权解除日",
        "解除日期",
        "注销日期",
        "cancellation_date",
        "cancellation date",
    ),
    "pledgor": ("出质人", "pledgor"),
    "pledgee": ("质权人", "pledgee"),
    "patent": ("专利号", "patent_number", "patent_numbers", "patent number", "patent numbers"),
    "assets": ("专利件数", "专利数量", "件数", "assets"),
    "amount": ("金额", "质押金额", "担保金额", "担保的债权数额", "amount"),
    "amount_10k": ("金额(万元)", "质押金额(万元)", "担保金额(万元)"),
    "currency": ("币种", "currency"),
    "is_simulated": ("is_simulated",),
}
LEFT_OUT: Final = (
    "序号",
    "主分类号",
    "发明名称",
    "专利名称",
    "名称",
    "申请日",
    "授权公告日",
    "变更日",
    "变更事项",
    "公告日",
    "title",
    "filing_date",
    "grant_date",
)
_CURRENCIES: Final = {
    "人民币元": "CNY",
    "元人民币": "CNY",
    "人民币": "CNY",
    "元": "CNY",
    "rmb": "CNY",
    "¥": "CNY",
    "美元": "USD",
    "us$": "USD",
    "欧元": "EUR",
    "日元": "JPY",
    "港元": "HKD",
    "港币": "HKD",
    "英镑": "GBP",
    "新台币": "TWD",
    "澳元": "AUD",
    "加元": "CAD",
    "新加坡元": "SGD",
    "韩元": "KRW",
    "瑞士法郎": "CHF",
}
_CODES: Final = {"cny", *(code.lower() for code in _CURRENCIES.values())}
_WORDS: Final = "|".join(
    re.escape(word) for word in sorted({*_CURRENCIES, *_CODES}, key=len, reverse=True)
)
_AMOUNT: Final = re.compile(rf"({_WORDS})?([0-9]+(?:\.[0-9]+)?)([万亿])?({_WORDS})?整?")
_UNIT: Final = re.compile(rf"([万亿])?({_WORDS})")
_TIMES: Final = {None: 0, "": 0, "万": 4, "亿": 8}


def read(path: Path, name: str, notes: Notes) -> Iterator[Batch]:
    """Frames of pledge: a row for each patent of each line."""
    table = _open(path, name, notes)
    counted = _assets(table)
    rows = Rows("pledge")
    for records in table.frames():
        records = records.with_columns(pl.col("registration").hash().alias("_registration"))
        records = records.join(counted, on="_registration", how="left", maintain_order="left")
        for record in records.iter_rows(named=True):
            _add(rows, record)
            yield from rows.full()
    yield from rows.rest()


def _open(path: Path, name: str, notes: Notes) -> Table:
    return open_table(whole(path, name), COLUMNS, ("patent",), LEFT_OUT, CHINESE, notes=notes)


_SEPARATORS: Final = "[;；、\n]"


def _assets(table: Table) -> pl.DataFrame:
    """Different patents of each registration; 16 bytes are held for each of them."""
    pairs = pl.DataFrame(schema={"_registration": pl.UInt64, "_pair": pl.UInt64})
    found: list[pl.DataFrame] = []
    for records in table.frames():
        patents = (
            records.select("registration", parts(pl.col("patent"), _SEPARATORS).alias("patent"))
            .filter(pl.col("registration").is_not_null() & (pl.col("patent").list.len() > 0))
            .explode("patent")
        )
        spelt = [
            patent.application_number or f"{patent.office}/{patent.publication_number}"
            for patent in map(named, patents["patent"])
        ]
        found.append(
            patents.with_columns(pl.Series("patent", spelt, dtype=pl.String)).select(
                pl.col("registration").hash().alias("_registration"),
                pl.struct("registration", "patent").hash().alias("_pair"),
            )
        )
        if sum(frame.height for frame in found) > max(pairs.height, 1_000_000):
            pairs, found = pl.concat([pairs, *found]).unique(), []
    return (
        pl.concat([pairs, *found]).unique().group_by("_registration").agg(pl.len().alias("_assets"))
    )


def _add(rows: Rows, record: dict[str, Any]) -> None:
    amount, currency = _amount(record)
    counted = record["_assets"]
    numbers = [p.strip() for p in re.split(_SEPARATORS, record["patent"] or "") if p.strip()]
    seen: set[tuple[str | None, str | None]] = set()
    for text in numbers or [None]:
        patent = named(text)
        key = (patent.application_number, patent.publication_number)
        if key in seen:
            continue  # named twice on one line
        seen.add(key)
        rows.add(
            "pledge",
            {
                # What cannot be told apart must not pass: the fault stands in the office's place.
                "office": record[FAULT] or patent.office or "CN",
                "application_number": patent.application_number,
                "publication_number": patent.publication_number,
                "adapter": ADAPTER,
                "is_simulated": flag(record["is_simulated"]),
                "raw_row": record["raw_row"],
                "registration_number": record["registration"],
                "registration_date": day(record["registered"]),
                "cancellation_date": day(record["cancelled"]),
                "amount": amount,
                "currency": currency,
                "assets": record["assets"] or (str(counted) if counted is not None else None),
                "pledgor": record["pledgor"],
                "pledgee": record["pledgee"],
            },
        )


def _amount(record: dict[str, Any]) -> tuple[str | None, str | None]:
    """Amount in plain units and currency; what cannot be read stays as written."""
    column = _plain(record["currency"])
    unit = _UNIT.fullmatch(column or "")
    times, currency = (unit[1], _code(unit[2])) if unit else (None, record["currency"])
    text = record["amount"]
    if text is None and record["amount_10k"] is not None:
        text, times = record["amount_10k"], "万"
        currency = currency or "CNY"  # 万元
    if text is None:
        return None, currency
    found = _AMOUNT.fullmatch(re.sub("(?<=[0-9]),(?=[0-9]{3})", "", _plain(text) or ""))
    if found is None or (found[3] and times):
        return text, currency
    said = agreed(found[1] and _code(found[1]), found[4] and _code(found[4]))
    value = Decimal(found[2]).scaleb(_TIMES[found[3] or times])
    return format(value.normalize(), "f"), agreed(currency, said)


def _plain(text: str | None) -> str | None:
    return text and "".join(unicodedata.normalize("NFKC", text).lower().split())


def _code(word: str) -> str:
    return _CURRENCIES.get(word) or word.upper()
