"""A workbook in the layout of SAFE's balance of payments, with a test's own values."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

UNIT = "单位：亿元人民币"


def workbook(
    header: list[Any],
    credit: list[Any],
    debit: list[Any],
    *,
    unit: str = UNIT,
    labels: tuple[str, str, str] = ("　8.知识产权使用费差额", "　　贷方", "　　借方"),
    balance: list[Any] | None = None,
    before: int = 3,
) -> bytes:
    """A sheet as SAFE lays it out: title, unit, header in the fourth row, items and their flows."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "月度"
    rows: list[list[Any]] = [["中国国际收支货物和服务贸易数据"], [unit], []][:before]
    rows += [["项目", *header], ["7.金融服务差额", *[9] * len(header)]]
    rows += [["贷方", *[90] * len(header)], ["借方", *[-81] * len(header)]]
    if balance is None:
        balance = [
            c + d if isinstance(c, int | float) and isinstance(d, int | float) else None
            for c, d in zip(credit, debit, strict=True)
        ]
    rows += [[labels[0], *balance], [labels[1], *credit], [labels[2], *debit]]
    rows += [["9.电信、计算机和信息服务差额", *[1] * len(header)]]
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
