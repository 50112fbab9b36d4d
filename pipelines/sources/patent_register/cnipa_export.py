"""CNIPA's patent search (PSS), exported as a table: publications with applicants and status.

Here: the export's columns and what they tell of a patent, its owners and its symbols. Not here: how
a table is written (delimited.py), how numbers are spelt (contracts/patent_numbers.py).

A record is one publication, so that one application may stand in two (A and B). Rules:
- the grant's day is the column's (授权公告日); without it, the publication's where the kind of the
  document is a grant's (contracts/kind_codes.py). It is never the other way round;
- the residence is the first-named applicant's, as the office prints it;
- of 优先权 (numbers and days), the earliest day counts.
Owners' periods are not told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from contracts.kind_codes import ip_type, is_grant
from contracts.patent_numbers import application_numbers, publications
from pipelines.source import Batch, Notes
from pipelines.sources.patent_register.cells import days, flags
from pipelines.sources.patent_register.delimited import CHINESE, FAULT, Table, open_table
from pipelines.sources.patent_register.frames import frames, owners, parts, symbols
from pipelines.sources.patent_register.unpack import whole

ADAPTER: Final = "cnipa_export"
#: Column read to the headings it goes by.
COLUMNS: Final = {
    "application": ("申请号", "专利申请号", "application_number"),
    "application_bare": ("申请号_无校验位",),
    "filed": ("申请日", "申请日期", "filing_date"),
    "publication": (
        "公开公告号",
        "公开（公告）号",
        "公开/公告号",
        "公开号",
        "公告号",
        "授权公告号",
        "publication_number",
    ),
    "published": (
        "公开公告日",
        "公开（公告）日",
        "公开/公告日",
        "公开日",
        "公告日",
        "publication_date",
    ),
    "title": ("发明名称", "专利名称", "名称", "标题", "title"),
    "applicants": ("申请人", "申请（专利权）人", "申请人（专利权人）", "专利权人", "applicants"),
    "home": (
        "申请人国别省市",
        "申请人所在国（省）",
        "申请（专利权）人所在国（省）",
        "国省代码",
        "国别省市代码",
        "applicant_region",
    ),
    "document_status": ("文献状态",),
    "legal_status": ("法律状态", "当前法律状态", "专利有效性", "legal_status"),
    "main_symbol": ("主分类号", "IPC主分类号"),
    "symbols": ("IPC分类号", "IPC", "分类号", "国际专利分类号", "ipc"),
    "priority_date": ("优先权日", "最早优先权日", "priority_date"),
    "priorities": ("优先权", "优先权号", "优先权信息"),
    "granted": ("授权公告日", "授权日", "grant_date"),
    "is_simulated": ("is_simulated",),
}
#: Columns known and left out: people and texts that no table of the register carries.
LEFT_OUT: Final = (
    "序号",
    "代理机构",
    "代理人",
    "专利代理机构",
    "专利代理师",
    "发明人",
    "发明（设计）人",
    "设计人",
    "摘要",
    "主权项",
    "权利要求",
    "说明书",
    "地址",
    "申请人地址",
    "申请人邮编",
    "邮编",
    "专利类型",
    "CPC",
    "CPC分类号",
    "洛迦诺分类号",
    "外观设计洛迦诺分类号",
    "引证",
    "被引证",
    "同族",
    "简单同族",
    "链接",
    "agency",
    "inventors",
    "abstract",
)
_DAY: Final = (
    r"\b[12][0-9]{3}(?:[-./年][0-9]{1,2}[-./月][0-9]{1,2}日?|(?:0[1-9]|1[0-2])[0-3][0-9])\b"
)


def read(path: Path, name: str, notes: Notes) -> Iterator[Batch]:
    """Frames of patent, patent_owner and ipc_assignment."""
    for records in _open(path, name, notes).frames():
        patents = _patents(records)
        yield from frames("patent", patents)
        yield from frames("patent_owner", owners(patents, "applicants", "home"))
        yield from frames("ipc_assignment", symbols(patents, "symbols"))


def _open(path: Path, name: str, notes: Notes) -> Table:
    return open_table(
        whole(path, name), COLUMNS, ("application", "publication"), LEFT_OUT, CHINESE, notes=notes
    )


def _patents(records: pl.DataFrame) -> pl.DataFrame:
    """Records with the columns of `patent`; home, symbols and fault stay for the other tables."""
    records = records.with_columns(publications(records["publication"]))
    records = _with_kind(_with_application(records))
    applicants = parts(pl.col("applicants")).list.join(";")
    return records.select(
        # What cannot be told apart must not pass: the fault stands where an office should.
        pl.coalesce(FAULT, "office").alias("office"),
        "application_number",
        "publication_number",
        "kind_code",
        "ip_type",
        _priority().alias("priority_date"),
        days(pl.col("filed")).alias("filing_date"),
        "publication_date",
        pl.coalesce(days(pl.col("granted")), "_granted").alias("grant_date"),
        "title",
        pl.when(applicants != "").then(applicants).alias("applicants"),
        pl.coalesce("legal_status", "document_status").alias("legal_status_as_published"),
        pl.lit(ADAPTER).alias("adapter"),
        flags(pl.col("is_simulated")).alias("is_simulated"),
        "raw_row",
        "home",
        pl.concat_str("main_symbol", "symbols", separator=";", ignore_nulls=True).alias("symbols"),
        FAULT,
    )


def _with_application(records: pl.DataFrame) -> pl.DataFrame:
    """Application number and office; two columns that contradict each other are both named."""
    office = pl.col("office").fill_null("CN")  # a number without office is CNIPA's own
    full, bare = (
        application_numbers(records.select(office).to_series(), records[column])
        for column in ("application", "application_bare")
    )
    records = records.with_columns(full.alias("_full"), bare.alias("_bare"))
    written = pl.concat_str("application", pl.lit(", elsewhere "), "application_bare")
    was_read = pl.col("_full").str.contains("^[A-Z]{2}[0-9A-Z]+$")
    number = pl.coalesce("_full", "_bare")
    prefix = number.str.extract("^([A-Z]{2})[0-9A-Z]+$")
    return records.with_columns(
        pl.when(was_read & (pl.col("_full") != pl.col("_bare")))
        .then(written)
        .otherwise(number)
        .alias("application_number"),
        pl.coalesce("office", prefix).alias("office"),
    )


def _with_kind(records: pl.DataFrame) -> pl.DataFrame:
    """ip_type, and the day of grant where the document's kind makes its publication the grant."""
    of_application = (
        pl.col("application_number")
        .str.extract("^CN(?:[089][0-9]|20[0-9]{2})([12389])(?:[0-9]{5}|[0-9]{7})$")
        .replace_strict(
            {"1": "invention", "8": "invention", "2": "utility_model", "9": "utility_model"}
            | {"3": "design"},
            default=None,
            return_dtype=pl.String,
        )
    )
    unknown = pl.format("unknown kind {}", "kind_code")
    document = ["office", "kind_code", "publication_date"]
    records = records.with_columns(days(pl.col("published")).alias("publication_date"))
    kinds = records.select(document).unique()
    kinds = kinds.with_columns(
        pl.Series("_type", [ip_type(*row[:2]) for row in kinds.iter_rows()], dtype=pl.String),
        pl.Series("_is_grant", [is_grant(*row) for row in kinds.iter_rows()], dtype=pl.Boolean),
    )
    return records.join(
        kinds, on=document, how="left", nulls_equal=True, maintain_order="left"
    ).with_columns(
        pl.coalesce(
            "_type",
            pl.when(pl.col("kind_code").is_null()).then(of_application).otherwise(unknown),
        ).alias("ip_type"),
        pl.when("_is_grant").then("publication_date").alias("_granted"),
    )


def _priority() -> pl.Expr:
    """The earliest priority: of the days given, else of those that stand beside the numbers.

    A text in the column of days that is no day stays as written.
    """
    given = parts(pl.col("priority_date"), "[;；,，]").list.eval(days(pl.element()))
    readable = given.list.eval(pl.element().str.contains("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).list.all()
    beside = pl.col("priorities").str.extract_all(_DAY).list.eval(days(pl.element()))
    return (
        pl.when(pl.col("priority_date").is_null())
        .then(beside.list.min())
        .when(readable)
        .then(given.list.min())
        .otherwise("priority_date")
    )
