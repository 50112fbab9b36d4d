"""The simulated register straight as landed tables, without files and parsing, for benchmarks.

`python tests/bench/landed_simulation.py COUNT SEED ROOT` writes ROOT/simulated_register/<table>/:
what landing the files of `ipw simulate` gives, row by row (tests/simulation/test_landed.py proves
it); only the hashes and times of the payloads, which do not exist, are made up.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from contracts import legal_events
from contracts.base import polars_schema
from contracts.patent_register import SIMULATED
from pipelines.landed_files import ensure_tables
from pipelines.landing_table import PROVENANCE
from pipelines.simulation import files, population
from pipelines.simulation.population import Chunk
from pipelines.sources.simulated_register import SOURCE

_PATENT = ["application_number", "publication_number", "kind_code"]


def write(root: Path, count: int, seed: int) -> None:
    """Write all tables of a register of `count` patents below `root` (warehouse/landed)."""
    ensure_tables(root, SOURCE)
    for chunk in population.chunks(count, seed):
        for table, adapter, frame in tables(chunk):
            folder = root / SOURCE.id / table
            shape(table, adapter, frame, chunk.number).write_parquet(
                folder / f"{adapter}-{chunk.number:04}.parquet", compression="zstd"
            )


def shape(table: str, adapter: str, frame: pl.DataFrame, number: int) -> pl.DataFrame:
    """The contract's columns with the landing's, those that the frame lacks NULL."""
    suffix = "xml" if adapter == "epo_ops" else "csv"
    constant = {
        "office": "CN",
        "adapter": adapter,
        "is_simulated": True,
        "raw_file": f"{adapter}-{number:04}.{suffix}",
        "raw_sha256": "0" * 64,
        "retrieved_at": "2026-01-01T00:00:00.000000+00:00",
    }
    schema = polars_schema(SIMULATED[table]) | PROVENANCE
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(constant.get(name))).cast(dtype)
        .alias(name)
        for name, dtype in schema.items()
    )  # fmt: skip


def tables(chunk: Chunk) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Table, adapter and rows, with what differs from row to row."""
    patents = chunk.patents.with_columns(
        pl.lit("invention").alias("ip_type"), pl.col("grant_date").alias("publication_date")
    )
    yield from _cnipa_export(patents)
    yield from _lens(patents)
    yield "patent", "google_patents", _google_patents(patents, chunk.members)
    yield from _epo_ops(patents, chunk.events)
    yield "pledge", "pledges", _pledges(patents, chunk.pledges)
    yield "award", "awards", _awards(patents, chunk.awards)


def _numbered(frame: pl.DataFrame, first: int = 2) -> pl.DataFrame:
    """With the line of the file: 2 is the first below the header."""
    return frame.with_columns(pl.int_range(first, pl.len() + first).alias("raw_row"))


def _cnipa_export(patents: pl.DataFrame) -> Iterator[tuple[str, str, pl.DataFrame]]:
    lines = _numbered(patents)
    status = pl.when("is_in_force").then(pl.lit("有效")).otherwise(pl.lit("失效"))
    yield (
        "patent",
        "cnipa_export",
        lines.drop("family_id").with_columns(status.alias("legal_status_as_published")),
    )
    home = pl.when(pl.col("seq") == 1).then("residence")
    yield (
        "patent_owner",
        "cnipa_export",
        lines.select(
            *_PATENT,
            "raw_row",
            "residence",
            "publication_date",
            pl.col("applicants").str.split(";"),
        )
        .with_columns(pl.int_ranges(1, pl.col("applicants").list.len() + 1).alias("seq"))
        .explode("applicants", "seq")
        .with_columns(
            pl.col("applicants").alias("owner_name"),
            pl.when(home.is_in([*population.OUTSIDE]))
            .then(home.str.slice(3))
            .otherwise(home.str.slice(0, 2))
            .alias("owner_country"),
            pl.when(home.str.starts_with("CN-")).then(home).alias("owner_region"),
        ),
    )
    yield (
        "ipc_assignment",
        "cnipa_export",
        lines.select(*_PATENT, "raw_row", pl.col("symbols").str.split(";").alias("ipc_symbol"))
        .with_columns(pl.int_ranges(1, pl.col("ipc_symbol").list.len() + 1).alias("position"))
        .explode("ipc_symbol", "position"),
    )


def _lens(patents: pl.DataFrame) -> Iterator[tuple[str, str, pl.DataFrame]]:
    lines = _numbered(patents.filter(pl.col("jurisdictions").is_not_null())).select(
        *_PATENT, "ip_type", "publication_date", "grant_date", "raw_row", "jurisdictions",
        files.lens_id().alias("family_id"),
    )  # fmt: skip
    yield "patent", "lens", lines
    yield (
        "family_member",
        "lens",
        lines.with_columns(
            pl.lit("simple").alias("family_type"),
            pl.col("jurisdictions").str.split(";;").list.unique().alias("member_office"),
        ).explode("member_office"),
    )


def _google_patents(patents: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    own = patents.join(members, on="index", how="semi")
    columns = [*_PATENT, "ip_type", "filing_date", "publication_date", "grant_date", "family_id"]
    others = members.join(
        patents.select(
            "index", "family_id", "ip_type", pl.col("filing_date").alias("priority_date")
        ),
        on="index",
        maintain_order="left",
    ).with_columns(pl.col("number").alias("publication_number"))
    of_cn = own.select(*columns, pl.lit("CN").alias("office"))
    return _numbered(pl.concat([of_cn, others.drop("index", "number")], how="diagonal"))


def _epo_ops(
    patents: pl.DataFrame, events: pl.DataFrame
) -> Iterator[tuple[str, str, pl.DataFrame]]:
    named = patents.join(events, on="index", how="semi")
    columns = [*_PATENT, "ip_type", "filing_date", "publication_date", "grant_date", "family_id"]
    yield "patent", "epo_ops", _numbered(named.select(columns), 1)
    kinds = {c: legal_events.event_kind("CN", c) for c in events["event_code"].unique()}
    yield (
        "legal_event",
        "epo_ops",
        _numbered(events, 1)
        .join(patents.select("index", *_PATENT), on="index", maintain_order="left")
        .with_columns(
            pl.col("event_code").replace_strict(kinds, return_dtype=pl.String).alias("event_kind"),
            pl.format("Effective DATE: {}", "event_date").alias("detail"),
        ),
    )


def _pledges(patents: pl.DataFrame, pledges: pl.DataFrame) -> pl.DataFrame:
    registration = pl.col("registration_number")
    amount = pl.col("amount") * 10_000
    return pledges.join(
        patents.select("index", "application_number", "applicants"),
        on="index",
        maintain_order="left",
    ).with_columns(
        (registration.rle_id() + 2).alias("raw_row"),
        amount.alias("amount"),
        pl.when(amount.is_not_null()).then(pl.lit("CNY")).alias("currency"),
        pl.len().over(registration).alias("assets"),
        pl.col("applicants").first().over(registration).alias("pledgor"),
        pl.lit("模拟银行").alias("pledgee"),
    )


def _awards(patents: pl.DataFrame, awards: pl.DataFrame) -> pl.DataFrame:
    of_state = pl.col("is_national")
    return _numbered(
        awards.join(
            patents.select("index", "application_number"), on="index", maintain_order="left"
        )
    ).with_columns(
        pl.when(of_state)
        .then(pl.lit("national_science_technology_award"))
        .otherwise(pl.lit("china_patent_award"))
        .alias("award"),
        pl.when(of_state).then("year").otherwise(pl.col("year") - 1999).alias("edition"),
        pl.col("year").alias("award_year"),
    )


if __name__ == "__main__":
    begun = time.monotonic()
    write(Path(sys.argv[3]), int(sys.argv[1]), int(sys.argv[2]))
    print(f"{sys.argv[1]} patents in {time.monotonic() - begun:.1f} s")
