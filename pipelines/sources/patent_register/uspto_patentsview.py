"""Tables of PatentsView (tab-separated, one per zip): patents, applications, IPC symbols, owners.

Here: their columns as the register's. Not here: numbers, kinds and symbols (contracts), which
records are of one patent (dbt joins g_patent and g_application by the publication number).

Decisions.
- g_patent: the day of issue is publication and grant; a patent that was withdrawn from issue has
  the status `withdrawn` and no grant, and a statutory registration or defensive publication (kind
  `other`) is no grant either.
- g_application: a row of `patent` with the number and day of the application. The right is told by
  the letters of the patent's number (none and RE: invention; D design; PP plant; H, T other).
- g_ipc_at_issue: the parts of a symbol are put together and zeros that fill up go; a subgroup of
  one digit can be read in two ways and stays as written, for the contract to name. Sequences count
  from 0 there, positions from 1 here. `ipc_version_indicator` 2006-01-01 is the version 2006.01.
- g_assignee_disambiguated: the organisation, or first and last name, owner since filing; the
  country of the owner's location where g_location_disambiguated is at hand.
- A record whose cells do not fit the header comes out with the fault in a column that cannot hold
  it (ip_type, ipc_symbol, seq).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import polars as pl

from contracts import ipc, kind_codes
from pipelines.source import Batch, Notes, SourceFormatError
from pipelines.sources.patent_register.cells import REGION_OF, flags
from pipelines.sources.patent_register.delimited import open_table
from pipelines.sources.patent_register.frames import frames
from pipelines.sources.patent_register.unpack import Member
from pipelines.sources.patent_register.uspto_fees import applications, publications

#: Locations that are kept in memory; the release of 2025 has some 100,000.
_LOCATIONS: Final = 5_000_000
_RIGHTS: Final = {
    "utility": "invention",
    "reissue": "invention",
    "design": "design",
    "plant": "plant",
    "statutory invention registration": "other",
    "defensive publication": "other",
}
#: Letters of a patent's number to the right.
_LETTERS: Final = {
    "": "invention",
    "RE": "invention",
    "D": "design",
    "PP": "plant",
    "H": "other",
    "T": "other",
}


class _Table(NamedTuple):
    """columns: those that are read; marks: those whose presence makes the table; the rest is
    `ignored`, by name."""

    table: str
    marks: frozenset[str]
    columns: tuple[str, ...]
    ignored: tuple[str, ...]
    rows: Callable[[pl.DataFrame], pl.DataFrame]


def _patents(frame: pl.DataFrame) -> pl.DataFrame:
    rights = pl.Series(
        [
            kind_codes.ip_type("US", kind, told and _RIGHTS.get(told.lower(), told))
            for kind, told in frame.select("wipo_kind", "patent_type").iter_rows()
        ],
        dtype=pl.String,
    )
    withdrawn = pl.col("withdrawn").replace({"0": None, "0.0": None, "1": "withdrawn"})
    return frame.with_columns(
        pl.coalesce("fault", rights).alias("ip_type"),
        pl.col("wipo_kind").alias("kind_code"),
        pl.col("patent_date").alias("publication_date"),
        pl.col("patent_title").alias("title"),
        withdrawn.alias("legal_status_as_published"),
        pl.when(withdrawn.is_null() & (rights != "other")).then("patent_date").alias("grant_date"),
    )


def _applications(frame: pl.DataFrame) -> pl.DataFrame:
    letters = pl.col("publication_number").str.extract("^([A-Z]*)[0-9]+$")
    return frame.with_columns(
        pl.coalesce(
            "fault",
            letters.replace_strict(_LETTERS, default=None, return_dtype=pl.String),
            pl.format("unknown right of {}", "publication_number"),
        ).alias("ip_type"),
        applications(frame["application_id"]).alias("application_number"),
    )


def _symbols(frame: pl.DataFrame) -> pl.DataFrame:
    def part(column: str) -> pl.Expr:
        return pl.col(column).fill_null("").str.to_uppercase()

    groups = pl.concat_str(
        part("main_group").str.strip_chars_start("0"), pl.lit("/"), part("subgroup")
    )
    frame = frame.with_columns(
        pl.concat_str(
            part("section"),
            part("ipc_class").str.zfill(2),
            part("subclass"),
            pl.when(pl.col("main_group").is_null() & pl.col("subgroup").is_null())
            .then(pl.lit(""))
            .otherwise(groups),
        ).alias("_written")
    )
    at = pl.col("ipc_sequence").cast(pl.Int64, strict=False)
    version = pl.col("ipc_version_indicator")
    return frame.with_columns(
        pl.coalesce("fault", ipc.normalise_expr("_written"), "_written").alias("ipc_symbol"),
        pl.coalesce((at + 1).cast(pl.String), "ipc_sequence").alias("position"),
        version.str.replace(r"^([0-9]{4})-([0-9]{2})-[0-9]{2}$", "${1}.${2}").alias("ipc_version"),
    )


def _owners(frame: pl.DataFrame) -> pl.DataFrame:
    at = pl.col("assignee_sequence").cast(pl.Int64, strict=False)
    person = pl.concat_str(
        "disambig_assignee_individual_name_first",
        "disambig_assignee_individual_name_last",
        separator=" ",
        ignore_nulls=True,
    )
    return frame.with_columns(
        pl.coalesce("fault", (at + 1).cast(pl.String), "assignee_sequence").alias("seq"),
        pl.coalesce("disambig_assignee_organization", pl.when(person != "").then(person)).alias(
            "owner_name"
        ),
    )


_TABLES: Final = {
    "g_patent": _Table(
        "patent",
        frozenset({"patent_id", "patent_type", "patent_date"}),
        ("patent_id", "patent_type", "patent_date", "patent_title", "wipo_kind", "withdrawn"),
        ("patent_abstract", "num_claims", "filename"),
        _patents,
    ),
    "g_application": _Table(
        "patent",
        frozenset({"patent_id", "application_id"}),
        ("patent_id", "application_id", "filing_date"),
        ("patent_application_type", "series_code", "rule_47_flag"),
        _applications,
    ),
    "g_ipc_at_issue": _Table(
        "ipc_assignment",
        frozenset({"patent_id", "ipc_class", "subclass"}),
        (
            "patent_id",
            "ipc_sequence",
            "section",
            "ipc_class",
            "subclass",
            "main_group",
            "subgroup",
            "ipc_version_indicator",
        ),
        (
            "classification_level",
            "symbol_position",
            "classification_value",
            "classification_status",
            "classification_data_source",
            "action_date",
        ),
        _symbols,
    ),
    "g_assignee_disambiguated": _Table(
        "patent_owner",
        frozenset({"patent_id", "disambig_assignee_organization"}),
        (
            "patent_id",
            "assignee_sequence",
            "disambig_assignee_individual_name_first",
            "disambig_assignee_individual_name_last",
            "disambig_assignee_organization",
            "location_id",
        ),
        ("assignee_id", "assignee_type"),
        _owners,
    ),
}
_LOCATION: Final = frozenset({"location_id", "disambig_country"})
#: Columns of each table that the register has no use for, known so that they are ignored by name.
IGNORED: Final = {name: table.ignored for name, table in _TABLES.items()}


def table_of(header: str) -> str | None:
    """Name of the table whose columns a tab-separated header has, or None."""
    headings = {cell.strip(' "\r\n').lower() for cell in header.split("\t")}
    if headings >= _LOCATION:
        return "g_location_disambiguated"
    return next((name for name, table in _TABLES.items() if table.marks <= headings), None)


def read(member: Member, kind: str, locations: list[Member], notes: Notes) -> Iterator[Batch]:
    """Rows of one table; `locations`: files of g_location_disambiguated, for owners."""
    table = _TABLES[kind]
    countries = _countries(locations)
    if table.table == "patent_owner" and countries is None:
        notes.lacks.append("the owners' countries, of g_location_disambiguated in the same zip")
    for frame in records(member, table.columns, table.ignored, notes):
        shaped = frame.with_columns(
            pl.lit("US").alias("office"),
            publications(frame["patent_id"]).alias("publication_number"),
            pl.lit("uspto").alias("adapter"),
            flags(pl.col("is_simulated")).alias("is_simulated"),
        )
        if countries is not None:
            shaped = shaped.join(countries, on="location_id", how="left", maintain_order="left")
        yield from frames(table.table, table.rows(shaped))


def records(
    member: Member,
    columns: tuple[str, ...],
    ignored: tuple[str, ...] = (),
    notes: Notes | None = None,
) -> Iterator[pl.DataFrame]:
    """Text columns `columns` and is_simulated, with raw_row and `fault`; absent ones are NULL."""
    named = {column: [column] for column in (*columns, "is_simulated")}
    yield from open_table(member, named, columns, ignored, notes=notes).frames()


def _countries(locations: list[Member]) -> pl.DataFrame | None:
    """Country, and its region where it is one of China's, by location; None without locations."""
    parts = []
    for member in locations:
        columns = ("location_id", "disambig_country")
        for frame in records(member, columns):
            parts.append(frame.select(columns).drop_nulls())
            if sum(part.height for part in parts) > _LOCATIONS:
                raise SourceFormatError(f"{member.name}: more than {_LOCATIONS} locations")
    if not parts:
        return None
    country = pl.col("disambig_country")
    return (
        pl.concat(parts)
        .unique("location_id", keep="last")
        .select(
            "location_id",
            country.alias("owner_country"),
            country.replace_strict(REGION_OF, default=None, return_dtype=pl.String).alias(
                "owner_region"
            ),
        )
    )
