"""Maintenance fee events of the USPTO: fixed-width lines in two layouts.

Since about 2014 the patent number is 13 wide, before 7; the rest follows alike. The layout is found
by reading the first lines in both. Here: lines to events. Not here: what a code means
(contracts/legal_events.py); that EXPX undoes EXP. is left to whoever reads the events.

Decisions. The patent's filing and grant dates, which every line repeats, are left to PatentsView.
Lines of a simulation end in the word SIMULATED.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Final

import polars as pl

from contracts import legal_events, patent_numbers
from pipelines.source import Batch, SourceFormatError
from pipelines.sources.patent_register.frames import frames
from pipelines.sources.patent_register.unpack import Member

#: Width of the patent number in each layout.
_WIDTHS: Final = (13, 7)
#: What comes after the number: application, small entity, filed, granted, event, code.
_REST: Final = (
    r" [0-9A-Z/ ]{8} [A-Z?* ] (?:[0-9]{8}|[ ]{8}) (?:[0-9]{8}|[ ]{8}) [0-9]{8} "
    r"[A-Z0-9.]{1,5}\s*(?:SIMULATED)?\s*"
)
_LINE: Final = {w: f"[0-9A-Z ]{{{w - 1}}}[0-9]{_REST}" for w in _WIDTHS}
#: Fields by name: start after the number, width.
_FIELDS: Final = {
    "application": (1, 8),
    "entity": (10, 1),
    "event_date": (30, 8),
    "event_code": (39, 5),
    "rest": (44, 200),
}
#: Share of the first lines that must fit a layout.
LEAST: Final = 0.9
WANTED: Final = f"maintenance fee events of which {LEAST:.0%} fit a layout"
_BATCH: Final = 100_000
#: Characters of a line; longer ones are cut there and fit no layout.
_LONGEST: Final = 4_096


def layout(head: bytes) -> int | None:
    """Width of the patent number in the layout that the whole lines of `head` fit best, or None
    where fewer than LEAST fit it.

    >>> layout(b"4593999 06537062 N 19830929 19860610 19900208 M170 \\n")
    7
    """
    lines = head.decode("latin-1").splitlines()
    if len(lines) > 1 and not head.endswith((b"\n", b"\r")):
        lines.pop()  # cut off by the end of the head
    lines = [line for line in lines if line.strip()]
    if not lines:
        return None
    scores = {w: sum(bool(re.fullmatch(_LINE[w], line)) for line in lines) for w in _WIDTHS}
    best = max(_WIDTHS, key=lambda width: scores[width])
    return best if scores[best] >= LEAST * len(lines) else None


def read(member: Member) -> Iterator[Batch]:
    """The events of a file; a line that does not fit the layout comes out with its text as kind."""
    with member.open() as file:
        width = layout(file.read(1 << 18))
    if width is None:
        raise SourceFormatError(f"{member.name}: these are no {WANTED}")
    with member.open() as file, io.TextIOWrapper(file, "latin-1") as text:
        number, batch = 0, list[tuple[int, str]]()
        while line := text.readline(_LONGEST):
            number += 1
            if line.strip():
                batch.append((number, line.rstrip("\r\n")))
            if len(batch) >= _BATCH:
                yield from frames("legal_event", _events(batch, width))
                batch = []
        if batch:
            yield from frames("legal_event", _events(batch, width))


def _events(lines: list[tuple[int, str]], width: int) -> pl.DataFrame:
    line = pl.col("line")
    frame = pl.DataFrame(lines, schema={"raw_row": pl.Int64, "line": pl.String}, orient="row")
    cut = {"number": (0, width), **{f: (width + at, w) for f, (at, w) in _FIELDS.items()}}
    frame = frame.with_columns(
        line.str.slice(at, wide).str.strip_chars().alias(field) for field, (at, wide) in cut.items()
    ).with_columns(line.str.contains(f"^(?:{_LINE[width]})$").alias("fits"))
    date = pl.col("event_date")
    return frame.select(
        "raw_row",
        pl.lit("US").alias("office"),
        applications(frame["application"]).alias("application_number"),
        publications(frame["number"]).alias("publication_number"),
        pl.lit("uspto").alias("adapter"),
        (pl.col("rest") == "SIMULATED").alias("is_simulated"),
        pl.coalesce(
            date.str.to_date("%Y%m%d", strict=False).dt.strftime("%Y-%m-%d"),
            pl.when(date != "").then(date),
        ).alias("event_date"),
        pl.when(pl.col("event_code") != "").then("event_code").alias("event_code"),
        pl.when("fits")
        .then(mapped(frame["event_code"], lambda code: legal_events.event_kind("US", code)))
        .otherwise(pl.format("line that fits no layout: {}", line.str.slice(0, 100)))
        .alias("event_kind"),
        pl.when(pl.col("entity") != "")
        .then(pl.format("small entity: {}", "entity"))
        .alias("detail"),
    )


def mapped(texts: pl.Series, function: Callable[[str], str | None]) -> pl.Series:
    """`function` of each text, called once for each distinct one."""
    distinct = texts.drop_nulls().unique()
    values = pl.Series([function(text) for text in distinct], dtype=pl.String)
    return texts.replace_strict(distinct, values, default=None, return_dtype=pl.String)


def publications(texts: pl.Series) -> pl.Series:
    """Numbers of US publications (0000004593999, RE035000, 20110289741) in one spelling.

    Digits alone, which most are, only lose their zeros; contracts.patent_numbers reads the rest.
    """
    return _numbers(
        texts,
        pl.col("text").str.extract("^0*([1-9][0-9]{0,7})$"),
        lambda text: patent_numbers.publication(f"US{text}")[1] if text else None,
    )


def applications(texts: pl.Series) -> pl.Series:
    """Numbers of US applications (06537062, 13/116,504) in one spelling; eight digits are it."""
    return _numbers(
        texts,
        "US" + pl.col("text").str.extract("^([0-9]{8})$"),
        lambda text: patent_numbers.application_number("US", text) if text else None,
    )


def _numbers(texts: pl.Series, usual: pl.Expr, read_one: Callable[[str], str | None]) -> pl.Series:
    frame = pl.DataFrame({"text": texts}).with_columns(usual.alias("usual"))
    rest = frame.select(pl.when(pl.col("usual").is_null()).then("text")).to_series()
    return frame.select(pl.coalesce("usual", mapped(rest, read_one).alias("read"))).to_series()
