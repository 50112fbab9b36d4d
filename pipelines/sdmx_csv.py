"""SDMX-CSV, versions 1 and 2, with or without labels, as text columns by component.

https://github.com/sdmx-twg/sdmx-csv. Here: header, labels, lines, and what comes in place of such a
file. Not here: which components a data set has or what they mean (the sources).

Neither library for SDMX is used. sdmx1 2.28 reads version 2 only and asks for the data structure
first; pysdmx 1.21 lets pandas guess types, which loses the value as printed. Neither tells lines,
by which a row is kept out, nor leaves a bad one beside good ones. Both would save no line below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from pipelines.csv_lines import csv_lines, even
from pipelines.source import SourceFormatError

_FIRST: Final = ("DATAFLOW", "STRUCTURE")
_VALUES: Final = ("TIME_PERIOD", "OBS_VALUE")
_XML_MESSAGE: Final = re.compile(r'<[a-z]*:?Message code="([0-9]+)"')


@dataclass(frozen=True)
class SdmxCsv:
    """A file's lines. frame: one text column per component and `raw_row`; blank cells are NULL.

    labels: component to the column of the frame that holds its label, where the file has labels.
    dataflow: agency, flow and version, such as ESTAT:PAT_EP_NTOT(1.0); one file holds one.
    """

    dataflow: str
    frame: pl.DataFrame
    labels: Mapping[str, str]


def read(name: str, content: bytes) -> SdmxCsv:
    """The lines of an SDMX-CSV file.

    Raises SourceFormatError when the bytes are something else (an XML or JSON message is named as
    such), a line has another number of cells than the header, or the file holds several data flows.
    """
    start = content[:4096].decode("utf-8-sig", "replace").lstrip()
    if start.startswith(("<", "{", "[")):
        raise SourceFormatError(f"{name}: {_message(content, start)}")
    lines = csv_lines(name, content)
    line, header = next(lines, (1, [""]))
    if header[0] not in _FIRST or not set(_VALUES) <= set(header):
        raise SourceFormatError(
            f"{name}, line {line}: no SDMX-CSV, whose header begins with DATAFLOW or STRUCTURE and "
            f"holds TIME_PERIOD and OBS_VALUE; it is {','.join(header)[:120]!r}"
        )
    columns, labels = _columns(header)
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice:
        raise SourceFormatError(f"{name}, line {line}: {', '.join(twice)} stands twice")
    found = list(even(name, header, lines))
    frame = pl.DataFrame(
        [cells for _, cells in found], schema=dict.fromkeys(columns, pl.String), orient="row"
    ).with_columns(pl.Series("raw_row", [number for number, _ in found], dtype=pl.Int64))
    text = pl.col(pl.String).str.strip_chars()
    frame = frame.with_columns(pl.when(text != "").then(text).name.keep())
    flows = frame["STRUCTURE_ID" if "STRUCTURE_ID" in columns else header[0]].unique().to_list()
    if len(flows) != 1 or flows[0] is None:
        named = ", ".join(sorted(str(flow) for flow in flows)) or "none"
        raise SourceFormatError(f"{name}: a file of one data flow is read, this one holds {named}")
    return SdmxCsv(flows[0], frame, labels)


def _columns(header: list[str]) -> tuple[list[str], dict[str, str]]:
    """Column names, and those of the labels: each component has one behind it, if any has."""
    if "STRUCTURE_NAME" not in header:
        return header, {}
    first = header.index("ACTION") + 1 if "ACTION" in header else header.index("STRUCTURE_NAME") + 1
    columns, labels = list(header), {}
    for at in range(first, len(header) - 1, 2):
        columns[at + 1] = f"{header[at]} label"
        labels[header[at]] = columns[at + 1]
    return columns, labels


def _message(content: bytes, start: str) -> str:
    """What came in place of a file, in words."""
    if start.startswith("<"):
        code = _XML_MESSAGE.search(content.decode("utf-8", "replace"))
        if code and code[1] == "413":
            return "the answer was too large to be sent at once (413); ask for less"
        return f"XML in place of SDMX-CSV; it begins with {start[:60]!r}"
    return f"JSON in place of SDMX-CSV; it begins with {start[:60]!r}"


def told(csv: SdmxCsv) -> tuple[list[str], dict[str, list[str | None]]]:
    """The file's components but for the first columns, and the values, for a heading to judge."""
    left_out = {"DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "raw_row"}
    names = [n for n in csv.frame.columns if n not in left_out and n not in csv.labels.values()]
    if "OBS_VALUE" not in names:
        return names, {}
    return names, {"OBS_VALUE": csv.frame.select(value().alias("value"))["value"].to_list()}


def value(component: str = "OBS_VALUE") -> pl.Expr:
    """A value as published; `:` and NaN are how SDMX-CSV writes that there is none."""
    cell = pl.col(component)
    return pl.when(~cell.is_in([":", "NaN"])).then(cell)
