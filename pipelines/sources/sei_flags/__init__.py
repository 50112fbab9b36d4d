"""An office's own flags of strategic emerging industries, as a CSV file that a user drops in.

raw/inbox/sei_flags/*.csv, each replacing the one of the same name. Not here: what a good flag is
(contracts/sei_flags.py), how numbers are spelt (contracts/patent_numbers.py), what wins (dbt).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Final

import polars as pl

from contracts.base import polars_schema
from contracts.patent_numbers import application_numbers, publications
from contracts.sei_flags import Flag
from pipelines.source import Cadence, Keep, Licence, Parsed, Payload, Source, SourceFormatError

__all__ = ["SOURCE", "parse"]

#: Columns that are read, by name; any other is named in the notes and left out.
COLUMNS: Final = [
    "office",
    "application_number",
    "publication_number",
    "sei_code",
    "flag",
    "is_simulated",
]
_YES_NO: Final = {
    **dict.fromkeys(["true", "1", "yes", "y", "是"], "true"),
    **dict.fromkeys(["false", "0", "no", "n", "否"], "false"),
}
_BATCH: Final = 200_000


def parse(payload: Payload) -> Parsed:
    """Rows of a file with the columns application_number or publication_number (or both) and flag.

    office: the column, else the letters in front of a number, else CN, whose flags these are.
    sei_code blank: the flag is of all groups together. flag: true, false, 1, 0, yes, no, 是, 否.
    Raises SourceFormatError naming file and line when the bytes are not UTF-8, a column is missing,
    or a line has another number of cells than the header.
    """
    try:
        text = payload.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceFormatError(
            f"{payload.name}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        numbers = {"application_number", "publication_number"} & set(header)
        if "flag" not in header or not numbers or len(set(header)) != len(header):
            raise SourceFormatError(
                f"{payload.name}, line 1: the header must name flag and application_number or "
                f"publication_number, each column once; it is {','.join(header)[:200]!r}"
            )
        frames = []
        records = _records(payload.name, reader, header)
        while batch := list(islice(records, _BATCH)):
            frames.append(_flags(batch))
    except csv.Error as error:
        raise SourceFormatError(f"{payload.name}, line {reader.line_num}: {error}") from error
    unknown = [name for name in header if name not in COLUMNS]
    notes = (f"columns left out: {', '.join(unknown)[:200]}",) if unknown else ()
    return Parsed({"flag": pl.concat(frames or [_flags([])])}, payload.release_date, notes)


def _records(
    name: str, reader: Iterator[list[str]], header: list[str]
) -> Iterator[tuple[str | int | None, ...]]:
    """The cells of COLUMNS and the record's number; blank cells and absent columns are None."""
    places = [header.index(column) if column in header else None for column in COLUMNS]
    for number, cells in enumerate(reader, 2):
        if not cells:
            continue  # an empty line, as spreadsheets leave at the end
        if len(cells) != len(header):
            raise SourceFormatError(
                f"{name}, record {number}: {len(cells)} cells, the header has {len(header)}"
            )
        yield (*(None if at is None else cells[at].strip() or None for at in places), number)


def _flags(records: list[tuple[str | int | None, ...]]) -> pl.DataFrame:
    schema = {**dict.fromkeys(COLUMNS, pl.String()), "raw_row": pl.Int64()}
    frame = pl.DataFrame(records, schema=schema, orient="row")
    prefix = r"^([A-Za-z]{2})(?:[^A-Za-z]|$)"
    written = [pl.col(n).str.extract(prefix) for n in ("application_number", "publication_number")]
    office = pl.coalesce("office", *(pl.when(w != "ZL").then(w) for w in written), pl.lit("CN"))
    frame = frame.with_columns(office.str.to_uppercase().alias("office"))
    bare = pl.col("publication_number").str.contains("^[0-9]")
    published = publications(
        frame.select(
            pl.when(bare)
            .then(pl.col("office") + pl.col("publication_number"))
            .otherwise(pl.col("publication_number"))
        ).to_series()
    )
    lowered = pl.col("flag").str.to_lowercase()
    return frame.with_columns(
        application_numbers(frame["office"], frame["application_number"]),
        published["publication_number"],
        lowered.replace_strict(_YES_NO, default=pl.col("flag")).alias("is_sei"),
        pl.col("is_simulated").str.to_lowercase().fill_null("false"),
    ).select(list(polars_schema(Flag)))


SOURCE = Source(
    id="sei_flags",
    title="Strategic emerging industries: an office's own flags of patents",
    publisher="an office, as a user dropped its flags",
    licence=Licence(
        id="user",
        attribution="Files of the user's own; ask whoever gave them",
        url="",
        publish=False,
    ),
    cadence=Cadence.IRREGULAR,
    tables={"flag": Flag},
    parse=parse,
    default_base_url="",
    keep=Keep.NEWEST,
    offline=True,
    accepts=("*.csv",),
)
