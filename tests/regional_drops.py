"""What tests of regional sources share: dropping files, judging them, and altering workbooks.

Here: the real way of a dropped file (inbox, receipt, landing, review), and the short one without
files on disk. Not here: what the figures must be.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
from openpyxl.worksheet.worksheet import Worksheet

from contracts.base import split
from pipelines import ingest
from pipelines.landing import Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.source import Payload, Source, SourceFormatError

Row = dict[str, Any]


@dataclass(frozen=True)
class Drop:
    """What became of files dropped together."""

    landings: list[Row]
    quarantine: list[Row]
    findings: list[Row]
    accepted: pl.DataFrame

    def outcomes(self) -> dict[str, tuple[str, int, int]]:
        """Outcome, accepted and quarantined rows by file."""
        return {
            row["file"]: (row["outcome"], row["rows_accepted"], row["rows_quarantined"])
            for row in self.landings
        }

    def reasons(self) -> dict[str, set[tuple[str | None, str, str | None]]]:
        """Columns, rules and values for which rows were kept out, by file."""
        found: dict[str, set[tuple[str | None, str, str | None]]] = {}
        for row in self.quarantine:
            reason = (row["column_name"], row["check"], row["value"])
            found.setdefault(row["file"], set()).add(reason)
        return found

    def value(self, indicator: str, area: str, period: str, file: str = "") -> float | None:
        """The one value of a cell (in a file)."""
        cells = self.accepted.filter(indicator_id=indicator, ref_area=area, time_period=period)
        cells = cells.filter(pl.col("raw_file").str.contains(file, literal=True))
        values = set(cells["obs_value"].to_list())
        assert len(values) == 1, (indicator, area, period, file, values)
        return values.pop()  # type: ignore[no-any-return]


def drop(home: Path, source: Source, files: Mapping[str, bytes]) -> Drop:
    """Put files into the inbox of a home and land them, as `ipw run` does."""
    inbox = home / "raw" / "inbox" / source.id
    for name, content in files.items():
        (inbox / name).parent.mkdir(parents=True, exist_ok=True)
        (inbox / name).write_bytes(content)
    settings = Settings(home=home)
    ingest.collect(source, settings, live=False)
    ingest.land(source, settings)
    lander = Landing(source, RawStore(settings.raw), settings.landed)
    operations = settings.landed / "operations"
    return Drop(
        lander.history().to_dicts(),
        pl.read_parquet(operations / "quarantine" / "*.parquet").to_dicts(),
        pl.read_parquet(operations / "finding" / "*.parquet").to_dicts(),
        lander.accepted("observation"),
    )


def judged(source: Source, files: Mapping[str, bytes]) -> Drop:
    """The same without a home: parse, contract and review, for many small alterations."""
    frames, landings, kept_out = [], [], []
    contract = source.tables["observation"]
    for name, content in files.items():
        try:
            parsed = source.parse(Payload(content, name))
        except SourceFormatError as error:
            landings.append({"file": name, "outcome": "refused", "message": str(error)})
            continue
        found = split(parsed.tables["observation"], contract)
        kept_out += [
            {"file": name, "column_name": row["column"], **row} for row in found.failures.to_dicts()
        ]
        provenance = {
            "raw_file": pl.lit(name),
            "raw_sha256": pl.lit(f"{hash(content):064x}"),
            "retrieved_at": pl.lit("2026-11-28T00:00:00Z"),
            "release_date": pl.lit(parsed.release_date, dtype=pl.Date),
        }
        frames.append(found.accepted.with_columns(**provenance))
    assert source.review
    accepted = pl.concat(frames)
    findings = [dict(finding) for finding in source.review({"observation": accepted})]
    return Drop(landings, kept_out, findings, accepted)


def cells(content: bytes) -> dict[str, list[list[Any]]]:
    """The values of each sheet as openpyxl reads them, which the product does not use."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    found = {}
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # several sheets state wrong ones
        rows = [list(row) for row in sheet.values]
        width = max(map(len, rows))
        found[sheet.title] = [row + [None] * (width - len(row)) for row in rows]
    return found


def altered(content: bytes, alter: Callable[[Worksheet], None]) -> bytes:
    """A workbook's first sheet, changed by a person."""
    name, rows = next(iter(cells(content).items()))
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = name
    for row in rows:
        sheet.append(row)
    alter(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def workbook(rows: Iterable[Iterable[Any]]) -> bytes:
    """A workbook with these cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder by their name."""
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
