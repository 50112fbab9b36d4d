"""The figures that the repository carries, held against the reference tables and against the rules.

The reference side is read with the csv module and turned into plain numbers by the small tables
below, never by the code under test; the other side is what really lands. Not here: made-up
figures (test_rules.py), bad input (tests/pipeline/test_official_releases.py).
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.fetch import Client
from pipelines.landing import Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.sources.official_releases import SOURCE
from pipelines.sources.official_releases.review import review

Shared = Callable[[str], Path]
Row = dict[str, str]
Tables = dict[str, pl.DataFrame]
Place = tuple[str, str, str]
"""indicator, area, period"""

#: How a unit of the reference tables begins, and its power of ten.
POWERS = {
    "10,000 ": 4,
    "100 million": 8,
    "US$ 100 million": 8,
    "US$ billion": 9,
    "trillion yuan": 12,
    "billion yuan": 9,
    "million yuan": 6,
    "million": 6,
}
AREAS = {
    "CN mainland": "CHN",
    "CN": "CHN",
    "CNIPA register (all origins)": "CHN_REG",
    "CN incl. HK/MO/TW": "CHN_HKMT",
    "CN incl. HK/MO/TW (国内)": "CHN_HKMT",
    "foreign": "CHN_FOR",
    "31 provinces": "CN-31P",
    "Yangtze River Delta": "CN-YRD",
    "27 key cities of the Yangtze River Delta": "CN-YRD27",
    "Beijing-Tianjin-Hebei": "CN-BTH",
    "Shanxi, Hebei, Shandong, Henan": "CN-SX-HE-SD-HA",
    "Haidian district, Beijing": "CN-110108",
    "Hangzhou (CN-ZJ)": "CN-330100",
    "Hefei (CN-AH)": "CN-340100",
    "Quanzhou (CN-FJ)": "CN-350500",
    "Guangzhou (CN-GD)": "CN-440100",
    "Shaoguan (CN-GD)": "CN-440200",
    "Shenzhen (CN-GD)": "CN-440300",
    "Zhuhai (CN-GD)": "CN-440400",
    "Chengdu (CN-SC)": "CN-510100",
    "Xi'an (CN-SN)": "CN-610100",
}
PROVINCES = (
    "BJ Beijing, TJ Tianjin, HE Hebei, SX Shanxi, NM Inner Mongolia, LN Liaoning, JL Jilin, "
    "HL Heilongjiang, SH Shanghai, JS Jiangsu, ZJ Zhejiang, AH Anhui, FJ Fujian, JX Jiangxi, "
    "SD Shandong, HA Henan, HB Hubei, HN Hunan, GD Guangdong, GX Guangxi, HI Hainan, "
    "CQ Chongqing, SC Sichuan, GZ Guizhou, YN Yunnan, XZ Tibet, SN Shaanxi, GS Gansu, QH Qinghai, "
    "NX Ningxia, XJ Xinjiang"
)
AREAS |= {pair[3:]: f"CN-{pair[:2]}" for pair in PROVINCES.split(", ")}

#: Rows of the reference tables whose note says that they measure something else than their key
#: or area does: they stand under the place given here.
ELSEWHERE: dict[Place, Place] = {
    ("hague_applications_by_domestic_applicants", "CHN", "2022-05-01/P14M"): (
        "hague_applications_by_domestic_applicants__monthly_average", "CHN", "2022-05-01/P14M",
    ),
    ("hv_cond1_strategic_emerging", "CN-GD", "2025-02"): (
        "hv_cond1_strategic_emerging__own_clusters", "CN-GD", "2025-02",
    ),
    ("hv_cond5_awards", "CHN", ""): ("hv_cond5_awards", "CHN", "2025"),
    ("trademarks_valid", "CHN", "2022-06"): ("trademarks_valid", "CHN_REG", "2022-06"),
    ("ip_royalties_trade_total", "CHN", "2026-07"): (
        "ip_royalties_trade_total", "CHN", "2026-01-01/P7M",
    ),
}  # fmt: skip
#: Target of one year in the table, a total of five years by its unit.
FIVE_YEARS = {("ip_royalties_export_usd", "CHN", "2020"): "2016-01-01/P5Y"}
#: The documents count these at the office, whatever the origin of the owner.
OFFICE_TOTALS = {
    "designs_granted", "invention_patents_granted", "utility_models_granted",
    "trademarks_registered", "reexamination_cases_concluded", "invalidation_cases_concluded",
    "trademark_review_cases_concluded", "trademark_opposition_cases_concluded",
}  # fmt: skip
#: Periods that the documents word, and the ones they stand for.
WORDED = {
    "annual": "2022",  # in the reply of August 2022
    "end-2019": "2019",
    "2016-2020 / 2011-2015": "2016-01-01/P5Y",
    "2021-2025": "2021-01-01/P5Y",
}
SAME_INDICATOR = {
    "patent_trademark_pledge_financing": "ip_pledge_financing_registered",
    "patent_trademark_pledge_financing_growth": "ip_pledge_financing_registered__growth",
    "ip_protection_satisfaction": "ip_protection_social_satisfaction",
}
#: Not statistics: the number of a letter, and a remark on spam in a copy.
NO_FIGURES = {"document_reply_number", "document_integrity"}


def tsv(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def number(text: str) -> Decimal | None:
    """The number in `>9000`, `close to 7.5`, `2-3`; None in a text without one."""
    found = re.search(r"-?[0-9]+(\.[0-9]+)?", text)
    return Decimal(found[0]) if found else None


def power(unit: str) -> int:
    return next((power for start, power in POWERS.items() if unit.startswith(start)), 0)


def plain(row: Row) -> Decimal | None:
    value = number(row["value"])
    return None if value is None else value.scaleb(power(row["unit"]))


def area(geography: str) -> str:
    return AREAS.get(geography, geography)


def period(text: str) -> str:
    """SDMX period of `2022 (first release)`, `2023-H1`, `2011-2015`, `2022-05..2023-06`."""
    text = re.sub(r" \(.*\)$", "", text)
    if half := re.fullmatch(r"([0-9]{4})-H([12])", text):
        return f"{half[1]}-S{half[2]}"
    if years := re.fullmatch(r"([0-9]{4})-([0-9]{4})", text):
        return f"{years[1]}-01-01/P{int(years[2]) - int(years[1]) + 1}Y"
    if span := re.fullmatch(r"([0-9]{4})-([0-9]{2})\.\.(?:([0-9]{4})-)?([0-9]{2})", text):
        months = 12 * (int(span[3] or span[1]) - int(span[1])) + int(span[4]) - int(span[2]) + 1
        return f"{span[1]}-{span[2]}-01/P{months}M"
    return text


def place(row: Row) -> Place:
    """Where a row of the series table must stand."""
    stated = (
        row["indicator_key"].removesuffix("__derived"),
        area(row["geography"]),
        period(row["year"]),
    )
    return ELSEWHERE.get(stated, stated)


def is_target(row: Row) -> bool:
    return "target)" in row["year"]


def equal(landed: float | None, reference: Decimal | None, tolerance: Decimal) -> bool:
    if landed is None or reference is None:
        return landed is None and reference is None
    return abs(Decimal(repr(landed)) - reference) <= tolerance


def last_digit(row: Row) -> Decimal:
    """Half a unit of the last digit that the reference prints; one figure there is rounded."""
    value = number(row["value"])
    if value is None:
        return Decimal(0)
    return Decimal(5).scaleb(int(value.as_tuple().exponent) - 1 + power(row["unit"]))


def by_place(rows: Iterable[Mapping[str, Any]]) -> dict[Place, list[Mapping[str, Any]]]:
    found: dict[Place, list[Mapping[str, Any]]] = {}
    for row in rows:
        at = (row["indicator_id"], row["ref_area"], row.get("time_period") or row["target_period"])
        found.setdefault(at, []).append(row)
    return found


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """What lands from the files that the repository carries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("IPW_OFFICIAL_RELEASES_BASE_URL", raising=False)
        settings = Settings(home=tmp_path_factory.mktemp("figures"))
        store = RawStore(settings.raw)
        assert SOURCE.fetch is not None
        SOURCE.fetch(Client(SOURCE, store, settings))
        landing = Landing(SOURCE, store, settings.landed)
        done = landing.run()
    assert {(one.outcome, one.rows_quarantined) for one in done} == {("landed", 0)}
    return {name: landing.accepted(name) for name in SOURCE.tables}


@pytest.fixture(scope="module")
def observations(tables: Tables) -> dict[Place, list[Mapping[str, Any]]]:
    return by_place(tables["observation"].to_dicts())


@pytest.fixture(scope="module")
def targets(tables: Tables) -> dict[Place, list[Mapping[str, Any]]]:
    return by_place(tables["target"].to_dicts())


@pytest.fixture
def series(shared_path: Shared) -> list[Row]:
    return tsv(shared_path("reference/official_series.tsv"))


@pytest.fixture
def documents(shared_path: Shared) -> list[Row]:
    return tsv(shared_path("reference/plan_document_figures.tsv"))


# --- against the reference tables ---------------------------------------------------------------


def test_every_verified_value_landed(
    series: list[Row], observations: dict[Place, list[Mapping[str, Any]]]
) -> None:
    wanted = [row for row in series if row["status"] == "verified" and not is_target(row)]
    assert len(wanted) > 500
    missing = [
        (place(row), row["value"], row["unit"])
        for row in wanted
        if not any(
            equal(landed["obs_value"], plain(row), last_digit(row))
            for landed in observations.get(place(row), [])
        )
    ]
    assert missing == []


def test_derived_values_and_proxies_are_marked_and_nothing_else_is(
    series: list[Row], observations: dict[Place, list[Mapping[str, Any]]]
) -> None:
    for row in series:
        if row["status"] != "verified" or is_target(row):
            continue
        key = row["indicator_key"]
        marks = ("__derived" in key, "_proxy" in key)
        assert marks in {
            (landed["is_derived"], landed["is_proxy"])
            for landed in observations[place(row)]
            if equal(landed["obs_value"], plain(row), last_digit(row))
        }, row


def test_every_verified_target_landed(
    series: list[Row], targets: dict[Place, list[Mapping[str, Any]]]
) -> None:
    wanted = [row for row in series if row["status"] == "verified" and is_target(row)]
    assert len(wanted) > 30
    missing = []
    for row in wanted:
        indicator, where, year = place(row)
        at = (indicator, where, FIVE_YEARS.get((indicator, where, year), year))
        plan = re.search(r"plan_id=([A-Z0-9-]+)", row["note"])
        if not any(
            equal(landed["target_value"], plain(row), Decimal(0))
            and (plan is None or landed["plan_id"] == plan[1])
            for landed in targets.get(at, [])
        ):
            missing.append((at, row["value"], row["unit"], row["note"]))
    assert missing == []


def test_nothing_stands_on_memory_alone(
    series: list[Row],
    observations: dict[Place, list[Mapping[str, Any]]],
    targets: dict[Place, list[Mapping[str, Any]]],
) -> None:
    from_memory = [row for row in series if row["status"] == "unverified-memory"]
    verified = [row for row in series if row["status"] == "verified"]
    assert from_memory
    for row in from_memory:
        landed, value = (targets, "target_value") if is_target(row) else (observations, "obs_value")
        if any(supports(other, row) for other in verified):
            continue
        assert not [
            one
            for one in landed.get(place(row), [])
            if equal(one[value], plain(row), Decimal(0)) and "__derived" not in row["indicator_key"]
        ], row


def supports(verified: Row, row: Row) -> bool:
    """A verified row gives the same value, or quotes it beside its own of the same period."""
    return (
        verified["indicator_key"] == row["indicator_key"]
        and verified["year"] == row["year"]
        and (
            (place(verified) == place(row) and plain(verified) == plain(row))
            or re.search(rf"national {re.escape(row['value'])}\b", verified["note"]) is not None
        )
    )


def test_known_gaps_are_rows_without_a_value_that_say_why(
    series: list[Row],
    observations: dict[Place, list[Mapping[str, Any]]],
    targets: dict[Place, list[Mapping[str, Any]]],
) -> None:
    gaps = [row for row in series if row["status"] == "not-found"]
    assert len(gaps) > 40
    for row in gaps:
        if is_target(row):
            found = [one for one in targets[place(row)] if one["target_value"] is None]
        else:
            found = [one for one in observations[place(row)] if one["obs_status"] == "M"]
            assert all(one["obs_value"] is None for one in found)
        assert found, row
        assert all(one["note"] for one in found), row


def document(row: Row) -> str:
    """Release id of a document of the reference table."""
    return f"doc-{row['document_file'][:3]}"


def test_every_observation_of_the_five_documents_landed_as_printed(
    documents: list[Row], tables: Tables
) -> None:
    landed: dict[str, list[dict[str, Any]]] = {}
    for one in tables["observation"].to_dicts():
        landed.setdefault(one["release_id"], []).append(one)
    missing = []
    for row in documents:
        key = row["indicator_key"]
        if row["kind"] != "observation" or key in NO_FIGURES:
            continue
        when = WORDED.get(row["period"], period(row["period"]))
        if key == "ip_royalties_trade_cagr":
            when = "2015-01-01/P4Y"  # four yearly steps from 2015 to 2019
        if when == "2022-08":
            when = "2022-08-11"  # "up to now", day of the reply
        where = "CHN_REG" if key in OFFICE_TOTALS else area(row["geography"])
        if not any(
            one["indicator_id"] in (key, SAME_INDICATOR.get(key))
            and (one["ref_area"], one["time_period"]) == (where, when)
            and number(one["value_as_published"]) == number(row["value"])
            for one in landed[document(row)]
        ):
            missing.append((document(row), key, where, when, row["value"]))
    assert missing == []


def test_every_target_of_the_five_documents_landed_as_printed(
    documents: list[Row], tables: Tables
) -> None:
    landed = tables["target"].to_dicts()
    missing = []
    for row in documents:
        key = row["indicator_key"]
        if row["kind"] != "target" or key.endswith("__accumulated_change"):
            continue
        qualitative = "qualitative" in row["unit_as_written"]
        value = None if qualitative or not row["value"] else str(number(row["value"]))
        when = re.sub(r"^(end-|2021-)", "", row["period"])
        if not any(
            one["indicator_id"] == SAME_INDICATOR.get(key, key)
            and (one["release_id"], one["target_period"]) == (document(row), when)
            and one["target_as_published"] == value
            for one in landed
        ):
            missing.append((document(row), key, row["value"], row["period"]))
    assert missing == []


def test_the_printed_change_stands_beside_its_target(documents: list[Row], tables: Tables) -> None:
    printed = {
        row["indicator_key"].removesuffix("__accumulated_change"): row["value"]
        for row in documents
        if row["indicator_key"].endswith("__accumulated_change")
    }
    assert len(printed) == 7
    main = tables["target"].filter(pl.col("indicator_no").is_not_null()).to_dicts()
    assert sorted(one["indicator_no"] for one in main) == list(range(1, 9))
    assert {
        one["indicator_id"]: one["change_as_published"]
        for one in main
        if one["change_as_published"] is not None
    } == printed


def test_the_plans_are_those_of_the_reference(shared_path: Shared, tables: Tables) -> None:
    expected = {
        row["plan_id"]: (int(row["period"][:4]), int(row["period"][-4:]))
        for row in tsv(shared_path("reference/plans.tsv"))
    }
    assert len(expected) == 23
    assert {
        plan["plan_id"]: (plan["period_start"], plan["period_end"])
        for plan in tables["plan"].to_dicts()
    } == expected


def test_no_sentence_of_the_documents_is_carried(shared_path: Shared, tables: Tables) -> None:
    """No run of eight words in our remarks, reasons and definitions stands in the documents."""
    carried = {
        run
        for path in shared_path("plan_documents").glob("*.txt")
        for run in runs(path.read_text(encoding="utf-8"))
    }
    assert len(carried) > 10_000
    columns = (
        "note", "place", "correction_reason", "definition", "usage_warning", "scope",
        "explanation",
    )  # fmt: skip
    copied = {
        run
        for table in tables.values()
        for column in columns
        if column in table.columns
        for text in table[column].drop_nulls()
        for run in runs(text) & carried
    }
    assert copied == set()


def runs(text: str, length: int = 8) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)}


# --- values typed from the issue ----------------------------------------------------------------


def test_figures_that_the_issue_names(
    observations: dict[Place, list[Mapping[str, Any]]],
    targets: dict[Place, list[Mapping[str, Any]]],
) -> None:
    def values(indicator: str, when: str) -> set[float | None]:
        return {one["obs_value"] for one in observations[indicator, "CHN", when]}

    assert 53_770.0 in values("overseas_invention_patents_granted", "2021")
    assert 853_990_000_000.0 in values("ip_pledge_financing_registered", "2023")
    assert 398_710_000_000.0 in values("ip_royalties_trade_total", "2024")
    assert values("patent_intensive_va_share_gdp", "2024") == {13.38}
    assert values("copyright_industry_va_share_gdp", "2023") == {7.44}
    assert 82.81 in values("ip_protection_social_satisfaction", "2025")
    assert values("first_instance_no_appeal_rate", "2023") == {91.9, None}
    assert {12.71, 12.6} <= values("patent_intensive_va_share_gdp", "2022")  # two vintages
    (next_plan,) = targets["high_value_invention_patents_per_10k", "CHN", "2030"]
    assert (next_plan["plan_id"], next_plan["target_value"], next_plan["operator"]) == (
        "NAT-FYP15", 22.0, "gt",
    )  # fmt: skip


# --- against the rules --------------------------------------------------------------------------

Said = tuple[str, str, str, str]
"""file, indicator, area, period of a finding"""


def said(findings: list[Mapping[str, object]], severity: str = "error") -> set[Said]:
    return {
        (str(f["file"]), str(f["indicator_id"]), str(f["ref_area"]), str(f["time_period"]))
        for f in findings
        if f["severity"] == severity
    }


AS_WRITTEN = {
    "732 million designs": ("observations.csv", "designs_granted", "CHN_REG", "2020"),
    "44.23 million Madrid registrations": (
        "observations.csv", "madrid_registrations_valid", "CHN", "2020",
    ),
    "2180 billion yuan": ("observations.csv", "ip_pledge_financing_registered", "CHN", "2020"),
    "2180 billion yuan as baseline": (
        "targets.csv", "ip_pledge_financing_registered", "CHN", "2020",
    ),
    "3194.4 billion yuan": ("observations.csv", "ip_royalties_trade_total", "CHN", "2020"),
    "3194.4 billion yuan as baseline": ("targets.csv", "ip_royalties_trade_total", "CHN", "2020"),
    "baseline year of indicator 5": ("targets.csv", "patent_intensive_va_share_gdp", "CHN", "2020"),
    "baseline year of indicator 6": (
        "targets.csv", "copyright_industry_va_share_gdp", "CHN", "2020",
    ),
    "SEI growth 18.7 %": (
        "observations.csv", "hv_cond1_strategic_emerging__growth", "CHN", "2022",
    ),
}  # fmt: skip


@pytest.mark.parametrize("expected", AS_WRITTEN.values(), ids=AS_WRITTEN.keys())
def test_the_documents_errors_are_found_by_rule(tables: Tables, expected: Said) -> None:
    assert expected in said(review(tables, as_written=True))


def test_no_rule_names_a_figure() -> None:
    """The errors are found by rule, not by list: no rule knows an indicator or a release."""
    rules = Path(__file__).resolve().parents[2] / "contracts" / "rules"
    code = "\n".join(path.read_text(encoding="utf-8") for path in rules.glob("*.py"))
    for name in ("designs", "madrid", "pledge", "royalt", "hv_cond", "5729", "3194", "doc-00"):
        assert name not in code.lower()


def test_6951_of_9760_is_71_2_percent(tables: Tables) -> None:
    parts = {"pledge_inclusive_share", "pledge_inclusive_loan_beneficiaries"}
    parts |= {"pledge_beneficiary_enterprises"}
    for as_written in (False, True):
        found = review(tables, as_written=as_written)
        assert [f for f in found if f["indicator_id"] in parts] == []

    # Not by chance: 73.2 % would be an error.
    share = pl.col("indicator_id") == "pledge_inclusive_share"
    half = pl.col("time_period") == "2022-S1"
    other = tables["observation"].with_columns(
        pl.when(share & half).then(pl.col(name) + 2).otherwise(pl.col(name)).alias(name)
        for name in ("obs_value", "value_low", "value_high")
    )
    found = review({**tables, "observation": other})
    assert ("observations.csv", "pledge_inclusive_share", "CHN", "2022-S1") in said(found)


def test_few_findings_stay_open(tables: Tables) -> None:
    """Each is a contradiction between publications that nobody can mend here: errors, and two
    provinces for which a local release and the yearbook differ by less than two per cent."""
    still_open = [finding for finding in review(tables) if finding["status"] == "open"]
    assert {
        (f["rule"], f["indicator_id"], f["time_period"], f["severity"]) for f in still_open
    } == {
        ("growth", "hv_cond1_strategic_emerging__growth", "2022", "error"),
        ("growth", "pct_applications_by_origin_wipo__growth", "2020", "error"),
        ("stale_repeat", "ip_advantage_demo_enterprises", "2022-08-11", "warning"),
        ("contradiction", "valid_invention_patents_by_province", "2020", "info"),
        ("contradiction", "valid_invention_patents_by_province", "2022", "info"),
    }


def test_every_correction_is_needed_and_explained(tables: Tables) -> None:
    explained = {
        (str(f["file"]), f["row"]): f["explanation"]
        for f in review(tables)
        if f["status"] == "explained"
    }
    corrections = [
        (row["raw_file"], row["raw_row"], row["correction_reason"])
        for table in ("observation", "target")
        for row in tables[table].to_dicts()
        if row["correction_kind"] in ("scale", "period")  # a label changes no arithmetic
    ]
    assert len(corrections) >= 10
    assert [c for c in corrections if explained.get(c[:2]) != c[2]] == []


def test_a_correction_that_the_publisher_made_needless_becomes_a_finding(tables: Tables) -> None:
    """The day the page prints 73.2 ten-thousand, the correction of 732 million is reported."""
    mended = pl.col("indicator_id") == "designs_granted", pl.col("correction_kind") == "scale"
    other = tables["observation"].with_columns(
        pl.when(*mended).then(pl.lit(new)).otherwise(pl.col(name)).alias(name)
        for name, new in (
            ("value_as_published", "73.2"),
            ("unit_as_published", "10,000 pieces"),
            ("obs_value_as_written", 732_000.0),
        )
    )
    found = review({**tables, "observation": other})
    assert [f["indicator_id"] for f in found if f["rule"] == "correction_not_needed"] == [
        "designs_granted"
    ]
