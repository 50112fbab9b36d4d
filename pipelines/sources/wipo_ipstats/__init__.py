"""WIPO IP Statistics Data Center: exports that a person made there, as CSV.

raw/inbox/wipo_ipstats/*.csv or zips of them. WIPO's terms forbid republishing its data sets, so
nothing is fetched here and the values stay on the user's machine: see `licence`. Not here: what a
good cell is (contracts/wipo_ipstats.py), rules between cells (review.py), what may be shown (dbt).
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Final

import polars as pl

from contracts.base import Severity, polars_schema
from contracts.wipo_ipstats import Observation
from pipelines.csv_lines import Lines, csv_lines
from pipelines.headings import BY_NAME, Drift, Heading
from pipelines.source import Cadence, Licence, Parsed, Payload, Source, SourceFormatError
from pipelines.sources.wipo_ipstats.review import review
from pipelines.zips import is_zip, members

__all__ = ["SOURCE", "parse"]

#: Headings of both generations of the export, by the contract's column.
HEADINGS: Final = {
    "Office": "office_name",
    "Office Code": "office_code",
    "Office (Code)": "office_code",
    "Origin": "origin_name",
    "Origin Code": "origin_code",
    "Origin (Code)": "origin_code",
    "Technology": "technology",
    "Field of technology": "technology",
}
#: Columns beside the years, by the contract's names. What is new may be a year written otherwise.
HEADING: Final = Heading(
    "an export",
    tuple(dict.fromkeys(HEADINGS.values())),
    numbers=frozenset({"years"}),
    optional=frozenset({"office_code", "origin_code", "technology"}),
    answers={**BY_NAME, Drift.ADDED: Severity.FAIL, Drift.REORDERED: None},
)
_YEAR: Final = "(19|20)[0-9]{2}"
_MONTHS: Final = {name: number for number, name in enumerate(calendar.month_name) if name}
#: A name cut at its comma: the next cell begins with a blank and a small letter. No value does.
_CUT_OFF: Final = re.compile(" [a-z]")
#: WIPO's name of what it could not assign, in place of a field's number and name.
_UNKNOWN: Final = "Unknown"


def parse(payload: Payload) -> Parsed:
    """Cells of an export by year; a blank one is missing (status M), never zero.

    The release is the last day of the month in `Last updated: …`. A cell that packs several
    numbers, or has thousands separators, keeps its text and gets no value: the contract rejects it
    under either name. Raises SourceFormatError when the bytes are no such export, naming the line.
    """
    files = members(payload.name, payload.content)
    parts = [_export(name, content) for name, content in files]
    if len(dates := {part.release_date for part in parts}) > 1:
        raise SourceFormatError(
            f"{payload.name}: holds exports of {' and '.join(sorted(map(str, dates)))}; drop them "
            "one by one"
        )
    released = parts[0].release_date
    given = payload.release_date
    if released and given and (released.year, released.month) != (given.year, given.month):
        raise SourceFormatError(
            f"{payload.name}: its bytes say that it was updated in {released:%Y-%m}, but it was "
            f"given as released on {given}"
        )
    frame = pl.concat([part.tables["observation"] for part in parts])
    return Parsed({"observation": frame}, released, tuple(n for part in parts for n in part.notes))


def _export(name: str, content: bytes) -> Parsed:
    if is_zip(content):
        raise SourceFormatError(f"{name}: a workbook or a zip within a zip; drop the CSV export")
    if content[:1] in (b"{", b"["):
        raise SourceFormatError(
            f"{name}: an answer of the search page's own service, whose cells pack several counts "
            "by position or carry thousands separators; export the table as CSV instead"
        )
    lines = csv_lines(name, content)
    said: dict[str, str] = {}
    notes = []
    for line, cells in lines:
        if cells[0].strip() in HEADINGS:
            break
        text = ",".join(cells).strip(",").strip()
        title, colon, value = text.partition(":")
        if not text:
            continue
        if not colon or re.fullmatch(_YEAR, title):
            raise SourceFormatError(f"{name}, line {line}: {text[:80]!r} begins no WIPO export")
        said[title.strip()] = value.strip()
        if title.strip() not in ("Intellectual property right", "Indicator", "Source"):
            notes.append(f"{name}, line {line}, left out: {text[:80]}")
    else:
        raise SourceFormatError(
            f"{name}: no header that begins with {', '.join(HEADINGS)}; it is no CSV export of "
            "WIPO's IP Statistics Data Center"
        )
    number, title = _indicator(name, said)
    columns = _columns(name, line, cells)
    frame, mended = _cells(name, columns, lines)
    if mended:
        notes.append(f"{name}: {mended} lines with names cut at their commas, put together")
    frame = frame.with_columns(
        pl.lit(said.get("Intellectual property right")).alias("ip_right"),
        pl.lit(number).alias("indicator_code"),
        pl.lit(title).alias("indicator_name"),
    )
    table = frame.select(list(polars_schema(Observation)))
    return Parsed({"observation": table}, _updated(name, said), tuple(notes))


def _indicator(name: str, said: dict[str, str]) -> tuple[str, str]:
    """Number and name of `Indicator :5 - Patent grants by technology`."""
    found = re.fullmatch(r"([0-9]+[a-z]?)\s*-\s*(.+)", said.get("Indicator", ""))
    if not found:
        raise SourceFormatError(
            f"{name}: the lines above the header must say Indicator: number - name; they say "
            f"{said.get('Indicator')!r}"
        )
    return found[1], found[2]


def _updated(name: str, said: dict[str, str]) -> dt.date:
    """Last day of the month in `Source: WIPO statistics database. Last updated: March 2015`."""
    found = re.search(r"Last updated:\s*([A-Z][a-z]+) ([0-9]{4})$", said.get("Source", ""))
    month = _MONTHS.get(found[1]) if found else None
    if not found or month is None:
        raise SourceFormatError(
            f"{name}: the lines above the header must say when WIPO last updated it, like "
            f"'Last updated: March 2015'; they say {said.get('Source')!r}"
        )
    year = int(found[2])
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _columns(name: str, line: int, header: list[str]) -> list[str]:
    """The contract's column, or the year, of each cell of a line."""
    header = [cell.strip() for cell in header]
    if header[-1] == "":
        header.pop()  # the newer export ends each line with a comma
    columns = [HEADINGS.get(cell, cell) for cell in header]
    years = [c for c in columns if re.fullmatch(_YEAR, c)]
    HEADING.judge(f"{name}, line {line}", [c for c in columns if c not in years])
    if not years or years != sorted(set(years)) or columns[-len(years) :] != years:
        raise SourceFormatError(
            f"{name}, line {line}: the years must stand last, each once and in order; they are "
            f"{', '.join(years)[:200]}"
        )
    return columns


def _cells(name: str, columns: list[str], lines: Lines) -> tuple[pl.DataFrame, int]:
    """One row per line and year, and how many lines had an unquoted name with commas."""
    width, mended = len(columns), 0
    last_name = max(at for at, c in enumerate(columns) if not re.fullmatch(_YEAR, c))
    numbers, kept = [], []
    for number, cells in lines:
        whole = list(cells)
        while len(whole) > last_name + 1 and _CUT_OFF.match(whole[last_name + 1]):
            whole[last_name : last_name + 2] = [",".join(whole[last_name : last_name + 2])]
        mended += len(whole) < len(cells)
        if len(whole) == width + 1 and whole[-1].strip() == "":
            whole.pop()
        if len(whole) != width:
            raise SourceFormatError(
                f"{name}, line {number}: {len(whole)} cells, the header has {width}; the file was "
                "cut short or edited: export it again"
            )
        numbers.append(number)
        kept.append([cell.strip() or None for cell in whole])
    if not kept:
        raise SourceFormatError(f"{name}: nothing below the header; export it again")
    wide = pl.DataFrame(kept, schema=dict.fromkeys(columns, pl.String), orient="row").with_columns(
        pl.Series("raw_row", numbers, dtype=pl.Int64)
    )
    years = [c for c in columns if re.fullmatch(_YEAR, c)]
    HEADING.judge(
        name, [c for c in columns if c not in years],
        {"years": [cell for year in years for cell in wide[year]]},
    )  # fmt: skip
    frame = wide.unpivot(
        on=years,
        index=[c for c in wide.columns if c not in years],
        variable_name="time_period",
        value_name="value_as_published",
    )
    absent = [c for c in HEADINGS.values() if c not in columns]
    published = pl.col("value_as_published")
    return frame.with_columns(
        pl.lit(None, pl.String).alias(column) for column in dict.fromkeys(absent)
    ).with_columns(
        pl.lit("A").alias("freq"),
        # A comma: not one number; the contract says which of the two it may be.
        pl.when(~published.str.contains(",", literal=True)).then(published).alias("obs_value"),
        pl.when(published.is_null()).then(pl.lit("M")).otherwise(pl.lit("A")).alias("obs_status"),
        pl.when(pl.col("technology") == _UNKNOWN)
        .then(pl.lit("0"))
        .otherwise(pl.col("technology").str.extract("^([0-9]{1,2}) - [^ ]"))
        .alias("technology_number"),
    ), mended


SOURCE = Source(
    id="wipo_ipstats",
    title="WIPO IP Statistics: filings, publications and grants by office, origin and technology",
    publisher="World Intellectual Property Organization",
    licence=Licence(
        id="WIPO-statistics-terms",
        attribution="WIPO Statistics Database, with the month of its last update; the data sets "
        "must not be republished, figures derived from them may be shown with this citation",
        url="https://www.wipo.int/ipstats/",
        publish=False,
    ),
    cadence=Cadence.YEARLY,
    tables={"observation": Observation},
    parse=parse,
    review=review,
    default_base_url="",
    offline=True,
    accepts=("*.csv", "*.zip", "*.json"),
    covers=("observation", "time_period"),
    links={"download": "https://www3.wipo.int/ipstats/"},
)
