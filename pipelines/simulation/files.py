"""The simulated register as files of the adapters' own formats, one file a chunk and adapter.

A sheet is a chunk's rows in one format: text columns under the format's headings. Here: the sheets,
and how they are written. Not here: what the patents are (population.py), dirt (defects.py), how a
format is read (pipelines/sources/patent_register).
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import polars as pl

from contracts import regions
from pipelines.files import write_changed
from pipelines.simulation import population
from pipelines.simulation.defects import CUT, plant
from pipelines.simulation.draws import Draws
from pipelines.simulation.population import Chunk

log = logging.getLogger("ipw")
#: Defects have draws of their own, so that clean rows are the same with and without them.
_DEFECTS: Final = 1 << 32
_XML_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ops:world-patent-data '
    'xmlns="http://www.epo.org/exchange" xmlns:ops="http://ops.epo.org" is-simulated="true">\n'
)
_XML_END: Final = "</ops:world-patent-data>\n"
_TRUE: Final = pl.lit("true")


@dataclass
class Written:
    """What a simulation wrote. rows: lines (or legal events) by adapter; changed: files that are
    not as they were; planted: defects by adapter and kind; ledger: each defect, with file and
    raw_row.
    """

    files: list[Path] = field(default_factory=list)
    changed: list[Path] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    planted: Counter[tuple[str, str]] = field(default_factory=Counter)
    ledger: list[pl.DataFrame] = field(default_factory=list)

    def as_dict(self) -> dict[str, list[dict[str, object]]]:
        """Files with their rows, and defects, by adapter."""
        return {
            "files": [
                {
                    "adapter": adapter,
                    "files": sum(path.parent.name == adapter for path in self.files),
                    "changed": sum(path.parent.name == adapter for path in self.changed),
                    "rows": rows,
                }
                for adapter, rows in self.rows.items()
            ],
            "defects": [
                {"adapter": adapter, "defect": kind, "rows": rows}
                for (adapter, kind), rows in sorted(self.planted.items())
            ],
        }


def write(into: Path, count: int, seed: int, defects: float = 0.0) -> Written:
    """Write the register of `count` patents to into/<adapter>/; earlier files of it go.

    defects: the share of rows to spoil. Raises ValueError for a count, seed or share out of range.
    """
    if not 0 <= defects <= 1:
        raise ValueError(f"the share of defects must be from 0 to 1, not {defects}")
    written = Written()
    done = 0
    for chunk in population.chunks(count, seed):
        for adapter, sheet_of in SHEETS.items():
            _write_sheet(written, into, adapter, sheet_of(chunk), chunk.number, seed, defects)
        done += chunk.patents.height
        log.info("simulated %s of %s patents", f"{done:,}", f"{count:,}")
    for adapter in SHEETS:
        for old in set((into / adapter).glob(f"{adapter}-[0-9]*.*")) - set(written.files):
            old.unlink()
            written.changed.append(old)
    return written


def _write_sheet(
    written: Written,
    into: Path,
    adapter: str,
    sheet: pl.DataFrame,
    number: int,
    seed: int,
    defects: float,
) -> None:
    suffix, first_row, text_of = ("xml", 1, _xml) if adapter == "epo_ops" else ("csv", 2, _csv)
    path = into / adapter / f"{adapter}-{number:04}.{suffix}"
    if defects:
        at = list(SHEETS).index(adapter)
        draws = Draws(seed, _DEFECTS + number * len(SHEETS) + at, sheet.height)
        sheet, planted = plant(adapter, sheet, defects, draws)
        written.planted.update((adapter, kind) for kind in planted["kind"])
        written.ledger.append(
            planted.select(
                pl.lit(adapter).alias("adapter"),
                pl.lit(path.name).alias("file"),
                (pl.col("place").cast(pl.Int64) + first_row).alias("raw_row"),
                "kind",
            )
        )
    written.files.append(path)
    written.rows[adapter] += sheet.height
    if write_changed(path, partial(text_of, sheet)):
        written.changed.append(path)


def _csv(sheet: pl.DataFrame, path: Path) -> None:
    """A header and a line for each row; no cell holds a comma, a quote or a line break."""
    headings = [name for name in sheet.columns if name != CUT]
    line = pl.concat_str([pl.col(name).fill_null("") for name in headings], separator=",")
    if CUT in sheet.columns:
        line = pl.when(pl.col(CUT).is_null()).then(line).otherwise(pl.col(headings[0]))
    sheet.select(line.alias(",".join(headings))).write_csv(path, quote_style="never")


def _xml(sheet: pl.DataFrame, path: Path) -> None:
    """An answer of the legal service for each patent, joined in one document."""
    legal = pl.format(
        '<ops:legal code="{}"><ops:L001EP>CN</ops:L001EP><ops:L007EP>{}</ops:L007EP>'
        '<ops:L500EP><ops:L525EP desc="Effective DATE">{}</ops:L525EP></ops:L500EP></ops:legal>',
        "code",
        "gazette",
        "effective",
    )
    patent = ["family_id", "publication", "kind", "published", "application", "filed"]
    families = (
        sheet.group_by(patent, maintain_order=True)
        .agg(legal.alias("legal"))
        .select(
            pl.format(
                '<ops:patent-family legal="true"><ops:family-member family-id="{}">'
                '<publication-reference><document-id document-id-type="docdb">'
                "<country>CN</country><doc-number>{}</doc-number><kind>{}</kind><date>{}</date>"
                "</document-id></publication-reference>"
                '<application-reference><document-id document-id-type="docdb">'
                "<country>CN</country><doc-number>{}</doc-number><kind>A</kind><date>{}</date>"
                "</document-id></application-reference>{}"
                "</ops:family-member></ops:patent-family>",
                *patent,
                pl.col("legal").list.join(""),
            )
        )
    )
    with path.open("wb") as file:
        file.write(_XML_HEAD.encode())
        families.write_csv(file, include_header=False, quote_style="never")
        file.write(_XML_END.encode())


def _day(column: str, pattern: str = "%Y-%m-%d") -> pl.Expr:
    return pl.col(column).dt.to_string(pattern)


def _number(prefix: str) -> pl.Expr:
    """The application number with its check digit, after CN or ZL."""
    digits = pl.col("application_number").str.slice(2)
    return pl.concat_str(pl.lit(prefix), digits, pl.lit("."), "check_digit")


def _cnipa_export(chunk: Chunk) -> pl.DataFrame:
    codes = chunk.patents["residence"].drop_nulls().unique().to_list()
    names = {code: regions.name(code) for code in codes}
    return chunk.patents.select(
        _number("CN").alias("申请号"),
        _day("filing_date").alias("申请日"),
        pl.concat_str(pl.lit("CN"), "publication_number", "kind_code").alias("公开公告号"),
        _day("grant_date").alias("公开公告日"),
        _day("grant_date").alias("授权公告日"),
        pl.col("title").alias("发明名称"),
        pl.col("applicants").alias("申请人"),
        pl.col("residence").replace_strict(names, default=None).alias("申请人国别省市"),
        pl.col("symbols").alias("IPC分类号"),
        _day("priority_date").alias("优先权日"),
        pl.when("is_in_force").then(pl.lit("有效")).otherwise(pl.lit("失效")).alias("法律状态"),
        _TRUE.alias("is_simulated"),
    )


def lens_id() -> pl.Expr:
    """The Lens ID of a simulated patent, from its index: 000-000-001-234-567."""
    digits = pl.col("index").cast(pl.String).str.zfill(15)
    return pl.concat_str([digits.str.slice(at, 3) for at in range(0, 15, 3)], separator="-")


def _lens(chunk: Chunk) -> pl.DataFrame:
    return chunk.patents.filter(pl.col("jurisdictions").is_not_null()).select(
        pl.lit("CN").alias("Jurisdiction"),
        pl.col("kind_code").alias("Kind"),
        pl.concat_str(pl.lit("CN"), "publication_number", "kind_code", separator=" ").alias(
            "Display Key"
        ),
        lens_id().alias("Lens ID"),
        _day("grant_date").alias("Publication Date"),
        pl.format("CN {} A", pl.col("application_number").str.slice(2)).alias("Application Number"),
        pl.lit("Granted Patent").alias("Document Type"),
        lens_id().alias("Simple Family Members"),
        pl.col("jurisdictions").alias("Simple Family Member Jurisdictions"),
        _TRUE.alias("is_simulated"),
    )


def _google_patents(chunk: Chunk) -> pl.DataFrame:
    """The Chinese records of families with members elsewhere, and these members."""
    of_patent = chunk.patents.select(
        "index", "application_number", "publication_number", "filing_date", "family_id",
        pl.col("grant_date").alias("granted"), pl.col("kind_code").alias("kind"),
    )  # fmt: skip
    own = of_patent.join(chunk.members, on="index", how="semi").select(
        pl.format("CN-{}-{}", "publication_number", "kind").alias("publication_number"),
        pl.format("CN-{}-A", pl.col("application_number").str.slice(2)).alias("application_number"),
        _compact("filing_date"),
        _compact("granted").alias("publication_date"),
        _compact("granted").alias("grant_date"),
        pl.lit("0").alias("priority_date"),
        "family_id",
    )
    members = chunk.members.join(of_patent, on="index", maintain_order="left").select(
        pl.format("{}-{}-{}", "office", "number", "kind_code").alias("publication_number"),
        pl.lit("").alias("application_number"),
        pl.lit("0").alias("filing_date"),
        _compact("publication_date"),
        _compact("grant_date"),
        _compact("filing_date").alias("priority_date"),
        "family_id",
    )
    return pl.concat([own, members]).with_columns(_TRUE.alias("is_simulated"))


def _compact(column: str) -> pl.Expr:
    """A day as the data set writes it: 20190105, and 0 for none."""
    return _day(column, "%Y%m%d").fill_null("0").alias(column)


def _epo_ops(chunk: Chunk) -> pl.DataFrame:
    return chunk.events.join(chunk.patents, on="index", maintain_order="left").select(
        "family_id",
        pl.col("publication_number").alias("publication"),
        pl.col("kind_code").alias("kind"),
        _day("grant_date", "%Y%m%d").alias("published"),
        pl.col("application_number").str.slice(2).alias("application"),
        _day("filing_date", "%Y%m%d").alias("filed"),
        pl.col("event_code").alias("code"),
        _day("gazette_date").alias("gazette"),
        _day("event_date").alias("effective"),
    )


def _pledges(chunk: Chunk) -> pl.DataFrame:
    """One line a registration."""
    own = ["index", "check_digit", "application_number", "applicants"]
    registration = ["registration_number", "registration_date", "cancellation_date", "amount"]
    return (
        chunk.pledges.join(chunk.patents.select(own), on="index", maintain_order="left")
        .group_by(registration, maintain_order=True)
        .agg(_number("ZL").alias("patents"), pl.col("applicants").first())
        .select(
            pl.col("registration_number").alias("登记号"),
            _day("registration_date").alias("质权生效日"),
            _day("cancellation_date").alias("解除日"),
            pl.col("applicants").alias("出质人"),
            pl.lit("模拟银行").alias("质权人"),
            pl.col("patents").list.join(";").alias("专利号"),
            pl.format("{}万元", "amount").alias("金额"),
            _TRUE.alias("is_simulated"),
        )
    )


def _awards(chunk: Chunk) -> pl.DataFrame:
    names = {
        "patent_gold": "金奖",
        "patent_silver": "银奖",
        "patent_excellence": "优秀奖",
        "progress_first": "国家科学技术进步奖一等奖",
        "progress_second": "国家科学技术进步奖二等奖",
        "technological_invention_second": "国家技术发明奖二等奖",
    }
    is_national = pl.col("is_national")
    return chunk.awards.join(chunk.patents, on="index", maintain_order="left").select(
        pl.when(is_national)
        .then(pl.lit("国家科学技术奖"))
        .otherwise(pl.lit("中国专利奖"))
        .alias("奖项"),
        # The 24th edition was that of 2023.
        pl.when(~is_national).then((pl.col("year") - 1999).cast(pl.String)).alias("届次"),
        pl.col("year").cast(pl.String).alias("年份"),
        pl.col("grade").replace_strict(names, return_dtype=pl.String).alias("等级"),
        _number("ZL").alias("专利号"),
        _day("announced").alias("公布日期"),
        _TRUE.alias("is_simulated"),
    )


#: Adapter to what makes its sheet of a chunk.
SHEETS: Final[dict[str, Callable[[Chunk], pl.DataFrame]]] = {
    "cnipa_export": _cnipa_export,
    "lens": _lens,
    "google_patents": _google_patents,
    "epo_ops": _epo_ops,
    "pledges": _pledges,
    "awards": _awards,
}
