"""Contestant (c): Polars, facts joined by patent, patents alike counted, running sums of +1 and -1.

Like (b) it leaves out what the simulated register never has, and unlike (a) it counts the union of
the five conditions alone, not each set of them. It takes the memory that it wants.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
from measuring import COUNTS, work

from pipelines.build import DBT_PROJECT
from pipelines.simulation.lives import END
from pipelines.simulation.population import OUTSIDE

Table = Callable[[str], pl.LazyFrame]

_SEEDS = DBT_PROJECT / "seeds"
_ENDS = ["fee_lapse", "expiry", "abandonment", "revocation", "invalidation"]
_UNUSUAL = ["restoration", "invalidation_unclear"]
#: Kinds of events that tell how a right fares; transfers and pledges do not.
_OF_LIFE = [*_ENDS, *_UNUSUAL, "grant", "fee_payment", "partial_invalidation", "lapse_in_state"]
_ALWAYS, _NEVER = pl.date(1, 1, 1), pl.date(9999, 12, 31)
#: A number joins faster than text.
_PATENT = pl.col("application_number").hash().alias("patent")
_MEASURES = ["valid_lower", "valid_upper", "high_value_lower", "high_value_upper"]


def count(landed: Path, folder: Path) -> None:
    """Facts, kinds of patents, counts."""

    def table(name: str) -> pl.LazyFrame:
        return pl.scan_parquet(landed / name / "*.parquet")

    patents = _patents(table)
    several = patents.filter("is_unusual").collect(engine="streaming").lazy()
    one = patents.filter(~pl.col("is_unusual")).with_columns(
        since=pl.col("granted"),
        until=pl.min_horizontal("term_end", "first_end"),
        is_certain=pl.col("is_told"),
    )
    kinds = pl.concat([_kinds(one), _kinds(_spans(several, table))]).collect(engine="streaming")
    _counts(kinds).write_parquet(folder / COUNTS)


def _patents(table: Table) -> pl.LazyFrame:
    """One row per Chinese invention that was granted, with the days from which it is high-value."""
    documents = (
        table("patent")
        .filter(pl.col("office") == "CN", pl.col("ip_type") == "invention")
        .group_by(_PATENT)
        .agg(pl.col("filing_date").min().alias("filed"), pl.col("grant_date").min())
    )
    owners = (
        table("patent_owner")
        .filter(pl.col("seq") == 1)
        .select(_PATENT, pl.coalesce("owner_region", "owner_country").alias("residence"))
    )
    symbols = (
        table("ipc_assignment")
        .join(_symbol_states(table), on="ipc_symbol")
        .group_by(_PATENT)
        .agg(pl.col("sei").max())
    )
    ended, kind = pl.col("event_date"), pl.col("event_kind")
    events = (
        table("legal_event")
        .filter(kind.is_in(_OF_LIFE))
        .group_by(_PATENT)
        .agg(
            ended.filter(kind.is_in(_ENDS)).min().alias("first_end"),
            ended.filter(kind == "grant").min().alias("grant_event"),
            kind.is_in(_UNUSUAL).any().alias("is_unusual"),
            pl.lit(True).first().alias("is_followed"),
        )
    )
    pledges = table("pledge").group_by(_PATENT).agg(pl.col("registration_date").min())
    joined = documents
    for facts in (owners, symbols, _families(table), events, pledges, _awards(table)):
        joined = joined.join(facts, on="patent", how="left")
    granted = pl.coalesce("grant_date", "grant_event")
    filed, sei = pl.col("filed"), pl.col("sei").fill_null(1)
    mature = filed.dt.offset_by("10y").dt.offset_by("1d")
    return (
        joined.filter(granted.is_not_null())
        .with_columns(
            granted.alias("granted"),
            pl.coalesce(filed, granted).dt.offset_by("20y").alias("term_end"),
            pl.col("is_unusual").fill_null(False),
            (pl.col("is_followed").fill_null(False) & filed.is_not_null()).alias("is_told"),
            pl.min_horizontal(
                pl.when(sei == 2).then(_ALWAYS), mature, "granted_abroad", "awarded"
            ).alias("certain"),
            pl.min_horizontal(
                pl.when(
                    (sei >= 1) | filed.is_null() | pl.col("maybe_abroad").fill_null(True)
                ).then(_ALWAYS),
                mature, "granted_abroad", "registration_date", "perhaps_awarded",
            ).alias("possible"),
        )
    )  # fmt: skip


def _symbol_states(table: Table) -> pl.LazyFrame:
    """Of each symbol: 2 strategic, 1 by rules with a keyword limit alone, 0 not."""
    rules = pl.scan_csv(_SEEDS / "sei_ipc_rules.csv")
    rule = ["sei_code", "rule_no", "is_keyword_limited"]
    patterns = pl.concat(
        [
            rules.filter(pl.col(column).is_not_null())
            .select(*rule, pl.col(column).str.split(";").alias("pattern"))
            .explode("pattern")
            .with_columns(pl.lit(column == "ipc_exclude").alias("is_exclusion"))
            for column in ("ipc_include", "ipc_exclude")
        ]
    )
    symbol, pattern = pl.col("ipc_symbol"), pl.col("pattern")
    keys = (
        table("ipc_assignment")
        .select(symbol.unique())
        .with_columns(
            pl.concat_list(
                symbol,
                symbol.str.slice(0, 3) + "*",
                symbol.str.slice(0, 4) + "*",
                symbol.str.split("/").list.first() + "*",
            )
            .list.unique()
            .alias("key")
        )
        .explode("key")
    )
    main_group = (pattern.str.len_chars() > 4) & ~pattern.str.contains("[*/]")
    matched = (
        keys.join(
            patterns.with_columns(
                pl.when(main_group).then(pattern + "/00").otherwise(pattern).alias("key")
            ),
            on="key",
        )
        .group_by("ipc_symbol", *rule)
        .agg(pl.col("is_exclusion").any())
        .filter(~pl.col("is_exclusion"))
        .group_by("ipc_symbol")
        .agg(pl.when(pl.col("is_keyword_limited")).then(1).otherwise(2).max().alias("sei"))
    )
    return (
        keys.select(symbol.unique())
        .join(matched, on="ipc_symbol", how="left")
        .with_columns(pl.col("sei").fill_null(0))
    )


def _families(table: Table) -> pl.LazyFrame:
    """Of each patent with a listed family: its first grant abroad, or whether there may be one."""
    abroad = ~pl.col("member_office").is_in(["CN", "WO"]) & (
        pl.col("member_is_granted").ne_missing(False)
    )
    day = pl.col("member_grant_date")
    listed = (
        table("family_member")
        .group_by(_PATENT)
        .agg(
            day.filter(abroad).min().alias("granted_listed"),
            (abroad & day.is_null()).any().alias("maybe_listed"),
        )
    )
    key = ["adapter", "family_id"]
    documents = table("patent").filter(pl.col("family_id").is_not_null())
    kin = (
        documents.filter(~pl.col("office").is_in(["CN", "WO"]))
        .group_by(*key, "office", "publication_number")
        .agg(pl.col("grant_date").min())
        .group_by(key)
        .agg(
            pl.col("grant_date").min().alias("granted_kin"),
            pl.col("grant_date").is_null().any().alias("maybe_kin"),
        )
    )
    own = documents.filter(pl.col("office") == "CN").select(_PATENT, *key)
    of_kin = (
        own.join(kin, on=key)
        .group_by("patent")
        .agg(pl.col("granted_kin").min(), pl.col("maybe_kin").any())
    )
    # Who has kin but no listed family stays unknown.
    return listed.join(of_kin, on="patent", how="full", coalesce=True).select(
        "patent",
        pl.min_horizontal("granted_listed", "granted_kin").alias("granted_abroad"),
        (pl.col("maybe_listed").fill_null(True) | pl.col("maybe_kin").fill_null(False)).alias(
            "maybe_abroad"
        ),
    )


def _awards(table: Table) -> pl.LazyFrame:
    grades = pl.scan_csv(_SEEDS / "award_grades.csv").filter("counts_for_invention")
    year = pl.col("award_year").cast(pl.Int32)
    return (
        table("award")
        .join(grades.select("grade").unique(), on="grade", how="semi")
        .group_by(_PATENT)
        .agg(
            pl.coalesce("announced", pl.date(year, 12, 31)).min().alias("awarded"),
            pl.coalesce("announced", pl.date(year, 1, 1)).min().alias("perhaps_awarded"),
        )
    )


def _spans(patents: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """Lives of patents that were restored or invalidated to an unclear extent."""
    kind = pl.col("event_kind")
    restored = (kind == "restoration").any()
    days = (
        table("legal_event")
        .filter(kind.is_in([*_ENDS, *_UNUSUAL]))
        .select(_PATENT, "event_date", "event_kind")
        .join(patents, on="patent", how="semi")
        .group_by("patent", "event_date")
        .agg(
            pl.when(restored).then(False).when(kind.is_in(_ENDS).any()).then(True).alias("ended"),
            pl.when(restored)
            .then(False)
            .when((kind == "invalidation_unclear").any())
            .then(True)
            .alias("unclear"),
        )
    )
    first = patents.select("patent", _ALWAYS.alias("event_date"), ended=False, unclear=False)
    lives = (
        pl.concat([first, days])
        .sort("patent", "event_date")
        .with_columns(
            pl.col("event_date").shift(-1).over("patent").alias("next"),
            pl.col("ended", "unclear").forward_fill().over("patent"),
        )
        .filter(~pl.col("ended"))
    )
    return (
        lives.join(patents, on="patent")
        .with_columns(
            since=pl.max_horizontal("granted", "event_date"),
            until=pl.min_horizontal("term_end", "next"),
            is_certain=pl.col("is_told") & ~pl.col("unclear"),
        )
        .filter(pl.col("since") < pl.col("until"))
    )


def _kinds(spans: pl.LazyFrame) -> pl.LazyFrame:
    """Patents alike in all years that matter, counted."""
    return (
        spans.select(
            "residence",
            "is_certain",
            pl.col("since", "until").dt.year(),
            pl.max_horizontal("since", "certain").dt.year().alias("certain"),
            pl.max_horizontal("since", "possible").dt.year().alias("possible"),
            is_known_certain=pl.col("certain").is_not_null(),
            is_known_possible=pl.col("possible").is_not_null(),
        )
        .filter(pl.col("since") < pl.col("until"))
        .group_by(pl.all())
        .len("patents")
    )


def _counts(kinds: pl.DataFrame) -> pl.DataFrame:
    """At year-ends by area: each kind enters a measure once and leaves it once."""
    is_certain = pl.col("is_certain")
    entries = {
        "valid_lower": ("since", is_certain),
        "valid_upper": ("since", pl.lit(True)),
        "high_value_lower": ("certain", is_certain & pl.col("is_known_certain")),
        "high_value_upper": ("possible", pl.col("is_known_possible")),
    }
    home = pl.col("residence")
    placed = kinds.filter(
        (home == "CN") | home.str.starts_with("CN-") & ~home.is_in([*OUTSIDE])
    ).with_columns(
        pl.when(home == "CN")
        .then(pl.concat_list(pl.lit("CHN")))
        .otherwise(pl.concat_list(home, pl.lit("CHN")))
        .alias("ref_area")
    )
    moves = pl.concat(
        placed.filter(holds & (pl.col(enters) < pl.col("until"))).select(
            "ref_area",
            pl.col(day).cast(pl.Int32).alias("year"),
            pl.lit(measure).alias("measure"),
            pl.col("patents").cast(pl.Int64) * sign,
        )
        for measure, (enters, holds) in entries.items()
        for day, sign in ((enters, 1), ("until", -1))
    ).explode("ref_area")
    first = moves["year"].min()
    assert isinstance(first, int)
    years = pl.DataFrame({"year": range(first, END.year + 1)}, schema={"year": pl.Int32})
    moved = moves.pivot("measure", index=["ref_area", "year"], values="patents",
                        aggregate_function="sum")  # fmt: skip
    return (
        moved.select(pl.col("ref_area").unique())
        .join(years, how="cross")
        .join(moved, on=["ref_area", "year"], how="left")
        .sort("ref_area", "year")
        .select(
            "ref_area",
            "year",
            pl.col(_MEASURES).fill_null(0).cum_sum().over("ref_area"),
        )
        .filter(pl.col("valid_upper") > 0)
    )


if __name__ == "__main__":
    work(count)
