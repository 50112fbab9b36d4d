"""The simulated patents, chunk by chunk: who owns them, what they are about, what becomes of them.

A chunk depends on the seed, its own number and how many patents it holds, so chunks can be made in
any order and forgotten. Frames here are facts in plain types; not here: how a format writes them
(files.py), the figures behind the shares (calibration.py), dirt (defects.py).

The register has the inventions filed since October 2003, when application numbers got four-digit
years, and granted from 2006 to its last day, END. Conditions, region and age are drawn
independently of each other: with the published shares that gives the published union to within a
percentage point.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from pipelines.simulation import calibration
from pipelines.simulation.calibration import figures, value
from pipelines.simulation.draws import Draws, Flags, Ints

#: Patents of a chunk; also of one file.
CHUNK: Final = 200_000
#: A filing year has seven digits for serial numbers, and a serial number here is used once.
MOST: Final = 10_000_000
#: The register tells what happened, and was gazetted, until this day.
END: Final = dt.date(2025, 12, 31)
TERM_YEARS: Final = 20
_EPOCH: Final = dt.date(1970, 1, 1)
_END: Final = (END - _EPOCH).days
_FIRST_FILING: Final = (dt.date(2003, 10, 1) - _EPOCH).days
#: Since this day a granted invention is published as B, before it as C.
_KIND_B: Final = (dt.date(2010, 4, 7) - _EPOCH).days
_NEVER: Final = np.int64(1 << 40)
_CHECK_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_MAX_SYMBOLS: Final = 5
#: Regions counted as domestic but outside the mainland.
OUTSIDE: Final = ("CN-HK", "CN-MO", "CN-TW")


class Chunk(NamedTuple):
    """Facts of a run of patents, in frames.

    patents: one row each, in order: index, application_number (CN2019…, without check digit),
    check_digit, publication_number, kind_code, filing_date, grant_date, priority_date (or NULL),
    title, applicants (joined by ;), residence (ISO 3166, or NULL), is_in_force at END, symbols
    (joined by ;), family_id, jurisdictions (joined by ;; or NULL: the family is not known).
    members: index, office, number, kind_code, publication_date, grant_date (or NULL), of families
    with members outside the mainland. events: index, event_code, event_date, gazette_date.
    pledges: index, registration_number, registration_date, cancellation_date, amount (10,000 CNY
    or NULL), sorted by registration. awards: index, is_national, year, grade, announced (or NULL).
    """

    number: int
    patents: pl.DataFrame
    members: pl.DataFrame
    events: pl.DataFrame
    pledges: pl.DataFrame
    awards: pl.DataFrame


def chunks(count: int, seed: int) -> Iterator[Chunk]:
    """The register of `count` patents. Raises ValueError for a count or seed out of range."""
    if not 1 <= count <= MOST:
        raise ValueError(f"the register can have 1 to {MOST:,} patents, not {count:,}")
    if not 0 <= seed < 1 << 63:
        raise ValueError(f"the seed must be from 0 to 2**63 - 1, not {seed}")
    for number, start in enumerate(range(0, count, CHUNK)):
        yield _chunk(number, start, min(CHUNK, count - start), seed)


class _Life(NamedTuple):
    """Days (since 1970) of a patent, and whether its owner lives in China, in any part of it."""

    filed: Ints
    granted: Ints
    ended: Ints
    is_domestic: Flags


def _chunk(number: int, start: int, count: int, seed: int) -> Chunk:
    draws = Draws(seed, number, count)
    index = np.arange(start, start + count, dtype=np.int64)
    is_domestic, granted = _granted(draws)
    lag = draws.from_quantiles(
        {float(share): int(days) for share, days in figures("days_to_grant").items()}
    )
    filed = np.maximum(granted - lag, _FIRST_FILING)
    life, events = _fate(draws, index, filed, granted, is_domestic)
    families, members = _families(draws, index, life)
    patents = _patents(draws, index, life).with_columns(families)
    pledges, pledge_events = _pledges(draws, number, index, life)
    told = pl.concat([events, pledge_events]).filter(pl.col("gazette_date") <= END)
    return Chunk(
        number,
        patents,
        members,
        told.sort("index", "event_date", "event_code"),
        pledges,
        _awards(draws, index, life),
    )


def _granted(draws: Draws) -> tuple[Flags, Ints]:
    """Origin, and the day of grant in its year."""
    domestic, foreign = figures("grants_domestic"), figures("grants_foreign")
    cell = draws.pick([*domestic.values(), *foreign.values()])
    years = np.array([int(year) for year in (*domestic, *foreign)])
    first = np.array([(dt.date(year, 1, 1) - _EPOCH).days for year in years])
    days = np.array([(dt.date(year + 1, 1, 1) - _EPOCH).days for year in years]) - first
    return cell < len(domestic), draws.between(first[cell], first[cell] + days[cell] - 1)


def _anniversary(day: Ints, years: Ints) -> Ints:
    """The same day so many years later; 28 February where there is no 29th."""
    months = day.astype("M8[D]").astype("M8[M]")
    of_month = day - months.astype("M8[D]").astype(np.int64)
    month = months.astype(np.int64) + 12 * years
    last = (month + 1).astype("M8[M]").astype("M8[D]").astype(np.int64) - 1
    found: Ints = np.minimum(
        month.astype("M8[M]").astype("M8[D]").astype(np.int64) + of_month, last
    )
    return found


def _ending_age(draws: Draws, first: Ints, is_domestic: Flags) -> Ints:
    """Full years since filing at which the fee is not paid; 20: the term runs out.

    first: the first anniversary on which it can happen.
    """
    raw = draws.raw() / (1 << 32)
    ages = np.full(first.shape, TERM_YEARS, dtype=np.int64)
    early, late = value("lapse_before_10_years"), value("lapse_after_10_years")
    foreign = value("lapse_foreign")
    for group, hazards in (
        (is_domestic, [early] * 10 + [late] * 9),
        (~is_domestic, [foreign] * 19),
    ):
        alive = [1.0]
        for hazard in hazards:
            alive.append(alive[-1] * (1 - hazard))
        survival = np.array([*alive, 0.0])
        limit = raw[group] * survival[first[group] - 1]
        ages[group] = np.searchsorted(-survival, -limit, side="left")
    return ages


def _fate(
    draws: Draws, index: Ints, filed: Ints, granted: Ints, is_domestic: Flags
) -> tuple[_Life, pl.DataFrame]:
    """When each patent ends, and the events of its right; some ends are taken back."""
    full_years = (granted - filed) * 10_000 // 3_652_425
    age = _ending_age(draws, full_years + 1, is_domestic)
    ended = _anniversary(filed, age)
    expires = age == TERM_YEARS
    given_up = draws.happens(value("abandoned_share")) & ~expires
    ended = np.where(given_up, np.maximum(ended - draws.between(30, 300), granted + 30), ended)
    opposed = granted + draws.between(180, 2500)
    invalidated = draws.happens(value("invalidated_share")) & (opposed < ended)
    ended = np.where(invalidated, opposed, ended)
    lapses = ~expires & ~given_up & ~invalidated
    restored = lapses & draws.happens(value("restored_share"))
    back = ended + draws.between(120, 400)
    in_part = draws.happens(value("invalidated_in_part_share")) & (opposed < ended)
    unclear = draws.happens(value("invalidated_unclear_share")) & (opposed < ended)
    moved = granted + draws.between(30, 4000)
    is_moved = draws.happens(value("transferred_share")) & (moved < ended)
    late = draws.between(20, 200)
    # The grant is the day of its announcement.
    announced = _events(index, np.ones_like(expires), "GR01", granted, np.zeros_like(granted))
    events = pl.concat(
        [
            announced,
            *(
                _events(index, is_it, code, day, late)
                for is_it, code, day in (
                    (expires, "CX01", ended),
                    (given_up & ~invalidated, "AV01", ended),
                    (invalidated, "IW01", ended),
                    (lapses, "CF01", ended),
                    (restored, "RR01", back),
                    (in_part, "IP01", opposed),
                    (unclear & ~in_part, "C35", opposed),
                    (is_moved, "TR01", moved),
                )
            ),
        ]
    )
    # What is gazetted after the last day has not happened for the register.
    lives = (restored & (back + late <= _END)) | (ended + late > _END)
    return _Life(filed, granted, np.where(lives, _NEVER, ended), is_domestic), events


def _events(index: Ints, is_it: Flags, code: str, day: Ints, late: Ints) -> pl.DataFrame:
    """Events of one code, gazetted some days after they took effect."""
    return pl.DataFrame(
        {
            "index": index[is_it],
            "event_code": pl.repeat(code, int(is_it.sum()), eager=True, dtype=pl.String),
            "event_date": _dates(day[is_it]),
            "gazette_date": _dates(day[is_it] + late[is_it]),
        }
    )


def _dates(days: Ints) -> pl.Series:
    return pl.Series(days.astype(np.int32)).cast(pl.Date)


def _patents(draws: Draws, index: Ints, life: _Life) -> pl.DataFrame:
    regions, countries = figures("in_force_by_region"), figures("foreign_residence")
    names = np.array([*regions, *countries])
    home = np.where(
        life.is_domestic,
        draws.pick(list(regions.values())),
        len(regions) + draws.pick(list(countries.values())),
    )
    is_known = ~draws.happens(value("unknown_residence_share"))
    abroad_first = draws.happens(0.05) | ~life.is_domestic
    priority = life.filed - draws.between(180, 365)
    first, second = draws.between(1, 400_000), draws.between(1, 400_000)
    is_joint = draws.happens(value("second_applicant_share")) & (first != second)
    # 8: the application came in by the PCT.
    by_pct = draws.happens(0.5) & ~life.is_domestic
    years = life.filed.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    number = years * 10**8 + np.where(by_pct, 8, 1) * 10**7 + index
    check = sum(number // 10 ** (11 - i) % 10 * weight for i, weight in enumerate(_CHECK_WEIGHTS))
    named = pl.DataFrame(
        {
            "index": index,
            "number": number,
            "check": check % 11,
            "filing_date": _dates(life.filed),
            "grant_date": _dates(life.granted),
            "priority_date": _dates(priority),
            "has_priority": abroad_first,
            "is_c": life.granted < _KIND_B,
            "first": first,
            "second": second,
            "is_joint": is_joint,
            "residence": pl.Series(names).gather(home),
            "is_known": is_known,
            "is_in_force": life.ended > _END,
        }
    )
    applicant = pl.format("模拟申请人{}", "first")
    return named.select(
        "index",
        pl.format("CN{}", "number").alias("application_number"),
        pl.when(pl.col("check") == 10)
        .then(pl.lit("X"))
        .otherwise(pl.col("check").cast(pl.String))
        .alias("check_digit"),
        (100_000_000 + pl.col("index")).cast(pl.String).alias("publication_number"),
        pl.when("is_c").then(pl.lit("C")).otherwise(pl.lit("B")).alias("kind_code"),
        "filing_date",
        "grant_date",
        pl.when("has_priority").then("priority_date").alias("priority_date"),
        pl.format("模拟专利{}", "index").alias("title"),
        pl.when("is_joint")
        .then(pl.concat_str(applicant, pl.format(";模拟申请人{}", "second")))
        .otherwise(applicant)
        .alias("applicants"),
        pl.when("is_known").then("residence").alias("residence"),
        "is_in_force",
        _symbols(draws).alias("symbols"),
    )


def _symbols(draws: Draws) -> pl.Series:
    """Distinct symbols of each patent, joined; one of them decides its strategic state."""
    pools = calibration.symbols()
    names = [*pools["false"], *pools["unknown"], *pools["true"]]
    ends = np.cumsum([len(pools[state]) for state in ("false", "unknown", "true")])
    starts = np.array([0, *ends[:-1]])
    certain, limited = value("sei_certain_share"), value("sei_limited_share")
    state = draws.pick([1 - certain - limited, limited, certain])
    count = 1 + draws.pick([45, 30, 15, 7, 3])
    decisive = draws.between(0, count - 1)
    columns: list[Ints] = []
    for place in range(_MAX_SYMBOLS):
        others = draws.between(0, ends[np.minimum(state, 1)] - 1)
        own = draws.between(starts[state], ends[state] - 1)
        drawn = np.where(place == decisive, own, others)
        for before in columns:  # each symbol once
            drawn = np.where(drawn == before, -1, drawn)
        columns.append(np.where(place < count, drawn, -1))
    texts = pl.Series([*names, None], dtype=pl.String)  # -1: the last, none
    return pl.select(
        pl.concat_str(
            [texts.gather(np.where(drawn < 0, len(names), drawn)) for drawn in columns],
            separator=";",
            ignore_nulls=True,
        )
    ).to_series()


def _families(draws: Draws, index: Ints, life: _Life) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Columns family_id and jurisdictions, and the members outside the mainland."""
    offices = list(figures("member_office"))
    weights = [w if o != "HK" else 0.0 for o, w in figures("member_office").items()]
    shares = [value(f"family_{kind}_share") for kind in ("granted", "hong_kong", "pct", "pending")]
    domestic = draws.pick([*shares, 1 - sum(shares)])
    at_home = value("foreign_family_granted_share")
    foreign = draws.pick([at_home, 0, 0, (1 - at_home) / 2, (1 - at_home) / 2])
    kind = np.where(life.is_domestic, domestic, foreign)
    first, second = draws.pick(weights), draws.pick(weights)
    first = np.where(kind == 1, offices.index("HK"), first)
    has_second = draws.happens(0.35) & (second != first) & (kind == 0)
    by_pct = (kind == 2) | (draws.happens(0.5) & np.isin(kind, (0, 3)))
    published = life.filed + draws.between(540, 560)
    parts = []
    for office, is_it in ((first, np.isin(kind, (0, 1, 3))), (second, has_second)):
        granted = life.filed + draws.between(700, 2200)
        is_granted = (granted <= _END) & np.isin(kind, (0, 1))
        parts.append(
            pl.DataFrame(
                {
                    "index": index[is_it],
                    "office": pl.Series(offices).gather(office[is_it]),
                    "is_granted": is_granted[is_it],
                    "published": _dates(published[is_it]),
                    "granted": _dates(granted[is_it]),
                }
            )
        )
    parts.append(
        pl.DataFrame(
            {
                "index": index[by_pct],
                "office": pl.repeat("WO", int(by_pct.sum()), eager=True, dtype=pl.String),
                "is_granted": np.zeros(int(by_pct.sum()), dtype=np.bool_),
                "published": _dates(published[by_pct]),
                "granted": _dates(published[by_pct]),
            }
        )
    )
    drawn = pl.concat(parts).sort("index", maintain_order=True)
    members = drawn.select(
        "index",
        "office",
        _member_number().alias("number"),
        pl.when("is_granted")
        .then(pl.col("office").replace_strict({"EP": "B1", "US": "B2"}, default="B"))
        .otherwise(
            pl.col("office").replace_strict({"WO": "A1", "US": "A1", "EP": "A1"}, default="A")
        )
        .alias("kind_code"),
        pl.when("is_granted").then("granted").otherwise("published").alias("publication_date"),
        pl.when("is_granted").then("granted").alias("grant_date"),
    ).filter(pl.col("publication_date") <= END)
    abroad = members.group_by("index", maintain_order=True).agg(pl.col("office").str.join(";;"))
    in_lens = draws.happens(value("in_lens_share"))
    families = (
        pl.DataFrame({"index": index, "in_lens": in_lens})
        .join(abroad, on="index", how="left", maintain_order="left")
        .select(
            (90_000_000 + pl.col("index")).cast(pl.String).alias("family_id"),
            pl.when("in_lens")
            .then(pl.concat_str(pl.lit("CN"), "office", separator=";;", ignore_nulls=True))
            .alias("jurisdictions"),
        )
    )
    return families, members


def _member_number() -> pl.Expr:
    """A number of the office's length: in WO and published US ones, a year and a serial number."""
    index = pl.col("index")
    million = pl.concat_str(
        (2004 + index // 10**6).cast(pl.String),
        (index % 10**6).cast(pl.String).str.zfill(6),
    )
    plain = pl.when(pl.col("office") == "US").then(10**7 + index).otherwise(index)
    return (
        pl.when(pl.col("office") == "WO")
        .then(million)
        .when((pl.col("office") == "US") & ~pl.col("is_granted"))
        .then(pl.format("{}{}", million.str.slice(0, 4), million.str.slice(4).str.zfill(7)))
        .otherwise(plain.cast(pl.String).str.zfill(7))
    )


def _pledges(
    draws: Draws, chunk: int, index: Ints, life: _Life
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Registrations of one patent or several that were pledged about the same time."""
    since = np.maximum(life.granted, (dt.date(2010, 10, 1) - _EPOCH).days)
    # The later of two days: pledges have grown from year to year.
    day = np.maximum(draws.between(since, _END), draws.between(since, _END))
    is_pledged = draws.happens(value("pledged_share")) & life.is_domestic & (day < life.ended)
    starts = draws.happens(0.4)
    drawn = pl.DataFrame(
        {
            "index": index,
            "day": day,
            "ended": life.ended,
            "starts": starts,
            "is_cancelled": draws.happens(value("pledge_cancelled_share")),
            "cancelled_after": draws.between(180, 1100),
            "amount": draws.pick([30, 25, 20, 15, 7, 3]),
            "is_unknown": draws.happens(value("amount_unknown_share")),
            "late": draws.between(5, 60),
        }
    ).filter(is_pledged)
    amounts = {0: 100, 1: 300, 2: 500, 3: 1000, 4: 3000, 5: 10_000}
    of_group = ["is_cancelled", "cancelled_after", "amount", "is_unknown", "late"]
    grouped = (
        drawn.sort("day", "index")
        .with_columns(pl.col("starts").cast(pl.Int64).cum_sum().alias("group"))
        .with_columns(pl.col(of_group).first().over("group"), pl.col("day").max().over("group"))
        .filter(pl.col("day") < pl.col("ended"))
        .with_columns(
            pl.col("day").cast(pl.Int32).cast(pl.Date).alias("registration_date"),
            (pl.col("day") + pl.col("cancelled_after"))
            .cast(pl.Int32)
            .cast(pl.Date)
            .alias("cancelled"),
        )
    )
    pledges = grouped.select(
        "index",
        pl.format(
            "Y{}{}{}",
            pl.col("registration_date").dt.year(),
            pl.lit(f"{chunk:03}"),
            pl.col("group").cast(pl.String).str.zfill(6),
        ).alias("registration_number"),
        "registration_date",
        pl.when(pl.col("is_cancelled") & (pl.col("cancelled") <= END))
        .then("cancelled")
        .alias("cancellation_date"),
        pl.when(~pl.col("is_unknown"))
        .then(pl.col("amount").replace_strict(amounts, return_dtype=pl.Int64))
        .alias("amount"),
        "late",
    )
    events = [
        pledges.select(
            "index",
            pl.lit(code).alias("event_code"),
            pl.col(day_of).alias("event_date"),
            (pl.col(day_of) + pl.duration(days="late")).alias("gazette_date"),
        ).drop_nulls()
        for code, day_of in (("PE01", "registration_date"), ("PC01", "cancellation_date"))
    ]
    return pledges.drop("late"), pl.concat(events)


def _awards(draws: Draws, index: Ints, life: _Life) -> pl.DataFrame:
    """Awards from the year after the grant on."""
    after = life.granted.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1971
    year = draws.between(np.maximum(after, 2010), END.year)
    wins = draws.happens(value("award_share")) & life.is_domestic & (after <= END.year)
    is_national = draws.happens(0.1)
    patent_grades = ["patent_excellence", "patent_silver", "patent_gold"]
    national_grades = ["progress_second", "technological_invention_second", "progress_first"]
    grade = draws.pick([85, 10, 5]) + np.where(is_national, 3, 0)
    return (
        pl.DataFrame(
            {
                "index": index,
                "is_national": is_national,
                "year": year,
                "grade": pl.Series(patent_grades + national_grades).gather(grade),
            }
        )
        .filter(wins)
        .with_columns(
            pl.when(~pl.col("is_national")).then(pl.date("year", 7, 15)).alias("announced")
        )
    )
