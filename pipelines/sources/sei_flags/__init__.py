"""An office's own flags of strategic emerging industries, as a CSV file that a user drops in.

raw/inbox/sei_flags/*.csv, each replacing the one of the same name. Not here: how a table is written
(patent_register/delimited.py), what a good flag is (contracts/sei_flags.py), how numbers are spelt
(contracts/patent_numbers.py), what wins (dbt).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from contracts.base import polars_schema
from contracts.patent_numbers import application_numbers, publications
from contracts.sei_flags import Flag
from pipelines.source import Batch, Cadence, Keep, Licence, Notes, Source, SourceFormatError
from pipelines.sources.patent_register.delimited import CHINESE, FAULT, open_table
from pipelines.sources.patent_register.unpack import whole

__all__ = ["SOURCE", "stream"]

#: Columns that are read, by name; any other is named in the notes and left out.
COLUMNS: Final = {
    name: [name]
    for name in (
        "application_number",
        "publication_number",
        "flag",
        "office",
        "sei_code",
        "is_simulated",
    )
}
_YES_NO: Final = {
    **dict.fromkeys(["true", "1", "yes", "y", "是"], "true"),
    **dict.fromkeys(["false", "0", "no", "n", "否"], "false"),
}


def stream(path: Path, place: str, notes: Notes) -> Iterator[Batch]:
    """Rows of a file with the columns application_number or publication_number (or both) and flag.

    office: the column, else the letters in front of a number, else CN, whose flags these are.
    sei_code blank: the flag is of all groups together. flag: true, false, 1, 0, yes, no, 是, 否.
    Raises SourceFormatError naming file and line when a column is missing or stands twice.
    """
    member = whole(path, place.rpartition("/")[2])
    numbers = ("application_number", "publication_number")
    table = open_table(member, COLUMNS, numbers, encodings=CHINESE, notes=notes)
    if "flag" in table.lacks:
        raise SourceFormatError(f"{member.name}, line {table.header}: no column is named flag")
    records = None
    for records in table.frames():
        yield "flag", _flags(records)
    if records is None:  # that a file has no rows any more is to be judged as well
        yield "flag", pl.DataFrame(schema=polars_schema(Flag))


def _flags(frame: pl.DataFrame) -> pl.DataFrame:
    prefix = r"^([A-Za-z]{2})(?:[^A-Za-z]|$)"
    written = [pl.col(n).str.extract(prefix) for n in ("application_number", "publication_number")]
    office = pl.coalesce("office", *(pl.when(w != "ZL").then(w) for w in written), pl.lit("CN"))
    # What cannot be told apart must not pass: the fault stands where an office should.
    frame = frame.with_columns(pl.coalesce(FAULT, office.str.to_uppercase()).alias("office"))
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
    stream=stream,
    default_base_url="",
    keep=Keep.NEWEST,
    offline=True,
    accepts=("*.csv",),
    read_by="patent_register",
)
