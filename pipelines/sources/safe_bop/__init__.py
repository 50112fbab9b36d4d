"""SAFE balance of payments: charges for the use of intellectual property, by month or quarter.

Workbooks dropped into raw/inbox/safe_bop/YYYY-MM-DD/: trade in goods and services by month, balance
of payments by quarter. Here: where the item, its flows and its periods stand. Not here: opening a
workbook (pipelines/sheets.py), what a good row is (contracts/safe_bop.py), yearly sums (dbt).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from contracts.base import polars_schema
from contracts.safe_bop import RoyaltyFlow
from pipelines.sheets import Cell, Sheet, address, sheets
from pipelines.source import Cadence, Licence, Parsed, Payload, Source, SourceFormatError

__all__ = ["SOURCE", "parse", "periods"]

ITEM: Final = "知识产权使用费"
#: The item's label, after whatever numbers it.
_ITEM: Final = re.compile(f".*{ITEM}(服务)?(差额|净额)?")
#: Labels of the rows below the item, in the order in which they stand.
FLOWS: Final = {"贷方": "credit", "借方": "debit"}
#: What the line of the unit says, and the currency; both are hundred millions.
UNITS: Final = {"亿元人民币": "CNY", "人民币亿元": "CNY", "亿元": "CNY", "亿美元": "USD"}
_MONTH: Final = re.compile("((?:19|20)[0-9]{2})[.]([0-9]{1,2})")
_QUARTER: Final = re.compile("((?:19|20)[0-9]{2})Q([1-4])")
#: What a credit and a debit may differ from the balance that is printed with them: each is rounded.
ROUNDING: Final = 0.15


def parse(payload: Payload) -> Parsed:
    """Rows of the item 知识产权使用费 of each sheet that has it: credit, debit and balance.

    A cell that is no number keeps its text, for the contract to name. Raises SourceFormatError
    naming sheet and cell when the item, the flows below it, the periods or the unit are not where
    the workbooks have always had them, and when nobody said when it was released.
    """
    if payload.release_date is None:
        raise SourceFormatError(
            f"{payload.name}: it does not say when it was released; move it to "
            "raw/inbox/safe_bop/2026-09-29/ if it was released on that day"
        )
    book = sheets(payload.name, payload.content)
    rows = [row for sheet in book for row in _rows(sheet)]
    if not rows:
        raise SourceFormatError(
            f"{payload.name}: no row {ITEM} in the sheets {', '.join(s.name for s in book)}"
        )
    frame = pl.DataFrame(rows, schema=_TEXT)
    return Parsed({"royalty_flow": frame}, payload.release_date)


_TEXT: Final = {**polars_schema(RoyaltyFlow), "obs_value": pl.String()}


def _rows(sheet: Sheet) -> list[dict[str, Any]]:
    """The item's rows of a sheet; none where the sheet has no such item."""
    items = [at for at, row in enumerate(sheet.rows) if _ITEM.fullmatch(_label(row))]
    if not items:
        return []
    if len(items) > 1:
        raise SourceFormatError(f"{sheet.at(items[1], 0)}: {ITEM} stands here a second time")
    item = items[0]
    top, columns = _header(sheet)
    currency = _currency(sheet, top)
    places = {"balance": item}
    for below, (label, flow) in enumerate(FLOWS.items(), 1):
        found = _label(sheet.rows[item + below]) if item + below < len(sheet.rows) else ""
        if not found.startswith(label):
            raise SourceFormatError(
                f"{sheet.at(item + below, 0)}: {found!r} stands where {label} of {ITEM} must stand"
            )
        places[flow] = item + below
    found_rows = []
    for flow, at in places.items():
        for column, (freq, period) in columns.items():
            cell = _text(sheet.rows[at][column]) if column < len(sheet.rows[at]) else None
            found_rows.append(
                {
                    "freq": freq,
                    "time_period": period,
                    "obs_value": cell,
                    "obs_status": "M" if cell is None else "A",
                    "value_as_published": cell,
                    "raw_row": at + 1,
                    "flow": flow,
                    "unit_measure": currency,
                    "unit_mult": 8,
                    "sheet": sheet.name,
                    "cell": address(at, column),
                }
            )
    return found_rows


def _header(sheet: Sheet) -> tuple[int, dict[int, tuple[str, str]]]:
    """The header's row, and frequency and period of each of its columns."""
    for at, row in enumerate(sheet.rows):
        cells = {c: _text(cell) or "" for c, cell in enumerate(row) if c and cell != ""}
        for freq, pattern in (("M", _MONTH), ("Q", _QUARTER)):
            if sum(bool(pattern.fullmatch(text)) for text in cells.values()) * 2 <= len(cells):
                continue
            first, last = min(cells), max(cells)
            texts = [cells.get(c, "") for c in range(first, last + 1)]
            try:
                found = periods(freq, texts)
            except _NotInOrder as error:
                raise SourceFormatError(f"{sheet.at(at, first + error.at)}: {error}") from error
            return at, {first + n: (freq, period) for n, period in enumerate(found)}
    raise SourceFormatError(
        f"{sheet.at(0, 0)}: no row of months like 2015.1 or quarters like 2026Q2 below"
    )


class _NotInOrder(ValueError):
    """A period that does not follow the one before it; `at`: its place."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


def periods(freq: str, texts: list[str]) -> list[str]:
    """The SDMX periods of a header's cells, which must follow each other without a gap.

    2015.1 is January or, where Excel dropped a zero, October: the cells around it tell. Raises
    ValueError (with the place, `at`) for a cell that does not follow, or when nothing tells.

    >>> periods("M", ["2014.9", "2014.1", "2014.11", "2014.12", "2015.01"])[1::3]
    ['2014-10', '2015-01']
    """
    found = []
    broken: list[_NotInOrder] = []
    for start in _starts(freq, texts[0]):
        steps = [_step(freq, start + n) for n in range(len(texts))]
        wrong = [n for n, (_, spellings) in enumerate(steps) if texts[n] not in spellings]
        if wrong:
            n = wrong[0]
            broken.append(
                _NotInOrder(
                    n, f"{texts[n]!r} stands where {steps[n][0]} must follow {texts[n - 1]}"
                )
            )
        else:
            found.append([period for period, _ in steps])
    if len(found) == 1:
        return found[0]
    if found:
        raise _NotInOrder(0, f"{texts[0]!r} is January or October, and no column beside it tells")
    raise max(
        broken, key=lambda error: error.at, default=_NotInOrder(0, f"{texts[0]!r}: no period")
    )


def _starts(freq: str, text: str) -> list[int]:
    """What a first cell can be, as a number of months (or quarters) since year 0."""
    match = (_MONTH if freq == "M" else _QUARTER).fullmatch(text)
    if not match:
        return []
    year, part = int(match[1]), int(match[2])
    if freq == "Q":
        return [year * 4 + part - 1]
    parts = [1, 10] if match[2] == "1" else [part] if 1 <= part <= 12 else []
    return [year * 12 + p - 1 for p in parts]


def _step(freq: str, number: int) -> tuple[str, set[str]]:
    """A period and how a header can spell it."""
    if freq == "Q":
        year, part = divmod(number, 4)
        return f"{year}-Q{part + 1}", {f"{year}Q{part + 1}"}
    year, part = divmod(number, 12)
    spellings = {f"{year}.{part + 1}", f"{year}.{part + 1:02d}"}
    return f"{year}-{part + 1:02d}", spellings | ({f"{year}.1"} if part == 9 else set())


def _currency(sheet: Sheet, top: int) -> str:
    """The currency that the line of the unit above the header names."""
    for at, row in enumerate(sheet.rows[:top]):
        for column, cell in enumerate(row):
            unit = _plain(str(cell)).partition("单位")[2].lstrip(":")
            if unit:
                if unit in UNITS:
                    return UNITS[unit]
                raise SourceFormatError(
                    f"{sheet.at(at, column)}: the unit is {unit!r}; known are {', '.join(UNITS)}"
                )
    raise SourceFormatError(f"{sheet.at(top, 0)}: no line above says the unit (单位)")


def _label(row: list[Cell]) -> str:
    return _plain(str(row[0])) if row else ""


def _plain(text: str) -> str:
    """Text without blanks, in half-width signs: （ and (, ： and : are the same."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _text(cell: Cell) -> str | None:
    """A cell as text, a whole number without a point; None where it is blank."""
    text = repr(cell).removesuffix(".0") if isinstance(cell, float) else str(cell).strip()
    return text or None


def review(tables: Mapping[str, pl.DataFrame]) -> list[Mapping[str, object]]:
    """One finding for each period whose printed balance is not credit plus debit."""
    key = ["raw_file", "release_date", "unit_measure", "sheet", "time_period"]
    wide = (
        tables["royalty_flow"]
        .filter(pl.col("obs_value").is_not_null())
        .pivot(on="flow", index=key, values="obs_value", on_columns=["balance", "credit", "debit"])
        .with_columns((pl.col("credit") + pl.col("debit")).alias("sum"))
        .filter((pl.col("balance") - pl.col("sum")).abs() > ROUNDING)
        .sort(key)
    )
    return [
        {
            "dataset": "safe_bop.royalty_flow",
            "file": row["raw_file"],
            "row": None,
            "rule": "balance_is_credit_plus_debit",
            "severity": "error",
            "indicator_id": None,
            "ref_area": "CHN",
            "time_period": row["time_period"],
            "expected": f"{row['sum']:.6g}",
            "found": f"{row['balance']:.6g}",
            "message": f"sheet {row['sheet']}: the balance of {row['time_period']} is "
            f"{row['balance']:.6g}, but credit {row['credit']:.6g} and debit {row['debit']:.6g} "
            f"give {row['sum']:.6g}",
            "status": "open",
            "explanation": None,
        }
        for row in wide.iter_rows(named=True)
    ]


SOURCE = Source(
    id="safe_bop",
    title="Balance of payments of China: charges for the use of intellectual property",
    publisher="State Administration of Foreign Exchange",
    licence=Licence(
        id="cite-source",
        attribution="State Administration of Foreign Exchange (国家外汇管理局), with the release",
        url="https://www.safe.gov.cn",
    ),
    cadence=Cadence.MONTHLY,
    tables={"royalty_flow": RoyaltyFlow},
    parse=parse,
    review=review,
    default_base_url="",
    offline=True,
    accepts=("*.xlsx", "*.xls"),
    covers=("royalty_flow", "time_period"),
    links={"download": "https://www.safe.gov.cn/safe/tjsj1/index.html"},
)
