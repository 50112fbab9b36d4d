"""What a source sends comes otherwise than it always did: each kind is told apart and answered.

Columns by real sources' own headings; codes and sizes between releases; periods that still grow.
Not here: how kinds are told apart (tests/unit/test_headings.py), severities of rules
(tests/unit/test_severities.py).
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sdmx_server as sdmx
from inbox import Inbox
from safe_workbook import workbook

from contracts.base import split
from pipelines import between_releases, ingest
from pipelines.landing import Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.source import Payload, Source
from pipelines.sources import (
    eurostat,
    oecd,
    patent_register,
    safe_bop,
    sei_flags,
    world_bank,
)

Shared = Callable[[str], Path]
PATENTS = "data/world_bank/ds2_release_2026-01/API_IP.PAT.RESD_DS2_en_csv_v2_226.csv"
ECONOMIES = (
    "data/world_bank/ds2_release_2026-01/Metadata_Country_API_IP.PAT.RESD_DS2_en_csv_v2_226.csv"
)
FIRST, SECOND = dt.date(2025, 10, 7), dt.date(2026, 1, 28)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """The World Bank's inbox."""
    return Inbox(world_bank.SOURCE, tmp_path)


def table(path: Path) -> list[list[str]]:
    """Cells of a CSV file, line by line."""
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def as_csv(lines: list[list[str]]) -> bytes:
    """The lines, every cell in quotes as the World Bank has it."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    return out.getvalue().encode()


def warned(inbox: Inbox) -> list[tuple[object, object]]:
    """Rule and message of each finding on what landed."""
    return [(found["rule"], found["message"]) for found in inbox.landing.warnings()]


# Columns of real files


def test_the_real_files_have_the_columns_that_they_always_had(
    inbox: Inbox, shared_path: Shared
) -> None:
    for name in (PATENTS, ECONOMIES):
        inbox.drop(shared_path(name).read_bytes(), Path(name).name, SECOND)
    assert warned(inbox) == []


def test_a_renamed_column_is_refused_by_name_and_the_last_file_stands(
    inbox: Inbox, shared_path: Shared
) -> None:
    inbox.drop(shared_path(ECONOMIES).read_bytes(), "good.csv", FIRST)
    before = inbox.landing.accepted("economy")
    lines = table(shared_path(ECONOMIES))
    lines[0][lines[0].index("IncomeGroup")] = "Income group"

    [landed] = inbox.drop(as_csv(lines), "bad.csv", SECOND)

    assert landed.outcome == "refused"
    assert "column 'IncomeGroup' is gone and 'Income group' came: renamed" in str(landed.message)
    assert inbox.landing.accepted("economy").equals(before)


def test_columns_in_another_order_and_a_new_one_land_with_two_findings(
    inbox: Inbox, shared_path: Shared
) -> None:
    lines = table(shared_path(ECONOMIES))
    inbox.drop(shared_path(ECONOMIES).read_bytes(), "good.csv", FIRST)
    turned = [
        [*reversed(line[:5]), f"x{at}" if at else "Lending", ""] for at, line in enumerate(lines)
    ]

    [landed] = inbox.drop(as_csv(turned), "turned.csv", SECOND)

    assert landed.outcome == "landed"
    rows = inbox.landing.accepted("economy")
    meaning = ["ref_area", "name", "region", "income_level", "is_aggregate"]
    first, second = (
        rows.filter(release_date=day).select(meaning).sort("ref_area") for day in (FIRST, SECOND)
    )
    assert first.equals(second)
    assert warned(inbox) == [
        ("column_added", "turned.csv, line 1: column 'Lending' is new"),
        (
            "columns_reordered",
            "turned.csv, line 1: columns stand in another order: TableName, SpecialNotes, "
            "IncomeGroup, Region, Country Code",
        ),
    ]


def test_what_may_be_a_period_written_otherwise_is_refused(
    inbox: Inbox, shared_path: Shared
) -> None:
    content = shared_path(PATENTS).read_bytes().replace(b'"2019"', b'"2019 [YR2019]"', 1)
    [landed] = inbox.drop(content, "p.csv", SECOND)
    assert landed.outcome == "refused"
    assert "column '2019 [YR2019]' is new" in str(landed.message)


def test_columns_of_a_wide_file_are_read_by_name(inbox: Inbox, shared_path: Shared) -> None:
    inbox.drop(shared_path(PATENTS).read_bytes(), "p.csv")
    lines = table(shared_path(PATENTS))
    turned = [[*line[:4][::-1], *line[4:]] if len(line) > 4 else line for line in lines]
    other = Inbox(world_bank.SOURCE, inbox.home / "turned")

    other.drop(as_csv(turned), "turned.csv")

    cells = [
        each.landing.accepted("observation").drop("raw_file", "raw_sha256", "retrieved_at")
        for each in (inbox, other)
    ]
    keys = ["indicator_id", "ref_area", "time_period"]
    assert cells[0].drop("raw_row").sort(keys).equals(cells[1].drop("raw_row").sort(keys))
    assert [rule for rule, _ in warned(other)] == ["columns_reordered"]


def page(*items: dict[str, Any]) -> bytes:
    head = {"page": 1, "pages": 1, "per_page": 50, "total": len(items), "lastupdated": str(SECOND)}
    return json.dumps([head, list(items)]).encode()


def entry(year: int, value: object, **more: object) -> dict[str, Any]:
    return {
        "indicator": {"id": "IP.PAT.RESD", "value": "Patent applications, residents"},
        "country": {"id": "CN", "value": "China"},
        "countryiso3code": "CHN",
        "date": str(year),
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 0,
        **more,
    }


def test_a_name_that_the_api_never_sent_lands_with_a_finding(inbox: Inbox) -> None:
    [landed] = inbox.drop(page(entry(2020, 5, scale="units"), entry(2021, 6)), "page")
    assert (landed.outcome, landed.rows_accepted) == ("landed", 2)
    assert warned(inbox) == [("column_added", "page: column 'scale' is new")]


def test_values_that_turn_into_words_are_refused_at_once(inbox: Inbox) -> None:
    words = [entry(2000 + at, f"about {at}") for at in range(12)]
    [landed] = inbox.drop(page(*words), "page")
    assert landed.outcome == "refused"
    assert "column 'value' held numbers and holds something else now, such as 'about 0'" in str(
        landed.message
    )
    # One word among numbers is a bad row.
    [landed] = inbox.drop(page(*words[:1], *(entry(2000 + at, at) for at in range(1, 200))), "page")
    assert (landed.outcome, landed.rows_quarantined) == ("landed", 1)


# Codes and sizes between releases


def release(values: dict[str, dict[int, float]], day: dt.date) -> bytes:
    """A bulk file of resident applications by economy and year."""
    years = sorted({year for told in values.values() for year in told})
    head = [["Data Source", "WDI"], ["Last Updated Date", str(day)]]
    header = ["Country Name", "Country Code", "Indicator Name", "Indicator Code", *map(str, years)]
    lines = [
        [area, area, "Patents", "IP.PAT.RESD", *(str(told.get(year, "")) for year in years)]
        for area, told in values.items()
    ]
    return as_csv([*head, header, *lines])


AREAS = [f"A{at:02}" for at in range(12)]


def steady(factor: float = 1, years: range = range(2020, 2025)) -> dict[str, dict[int, float]]:
    """Twelve economies whose counts grow by a tenth a year."""
    return {
        area: {year: round(factor * 1000 * (at + 1) * 1.1 ** (year - 2020)) for year in years}
        for at, area in enumerate(AREAS)
    }


def findings(inbox: Inbox) -> list[dict[str, Any]]:
    contract = inbox.source.tables["observation"]
    rows = inbox.landing.scan("observation")
    return [dict(f) for f in between_releases.review("world_bank.observation", contract, rows)]


def test_two_releases_alike_are_no_finding(inbox: Inbox) -> None:
    inbox.drop(release(steady(), FIRST), "first.csv")
    assert findings(inbox) == []  # one release has none before it
    inbox.drop(release(steady(1.02), SECOND), "second.csv")
    assert findings(inbox) == []


def test_a_code_that_no_release_had_is_named(inbox: Inbox) -> None:
    inbox.drop(release(steady(), FIRST), "first.csv")
    more = {**steady(), **{f"N{at}X": {2020: 7.0} for at in range(7)}}
    inbox.drop(release(more, SECOND), "second.csv")

    [found] = findings(inbox)
    assert (found["rule"], found["file"], found["severity"]) == (
        "new_code", "second.csv", "warning",
    )  # fmt: skip
    assert found["message"] == (
        "IP.PAT.RESD: the release of 2026-01-28 has 7 codes of ref_area that no release before it "
        "had: N0X, N1X, N2X, N3X, N4X and 2 more"
    )


def test_a_code_that_went_and_came_back_is_not_new(inbox: Inbox) -> None:
    inbox.drop(release(steady(), FIRST), "first.csv")
    fewer = {area: told for area, told in steady().items() if area != "A03"}
    inbox.drop(release(fewer, SECOND), "second.csv")
    inbox.drop(release(steady(), dt.date(2026, 4, 1)), "third.csv")
    assert findings(inbox) == []


def test_what_another_data_set_brings_is_not_new(inbox: Inbox) -> None:
    """Series are asked for one by one; the first release of one tells nothing of another."""
    inbox.drop(release({"CHN": {2020: 1.0}}, FIRST), "first.csv")
    trademarks = release(steady(), SECOND).replace(b"IP.PAT.RESD", b"IP.TMK.RESD")
    inbox.drop(trademarks, "second.csv")
    assert findings(inbox) == []


def test_a_release_that_was_put_right_leaves_no_finding(inbox: Inbox) -> None:
    inbox.drop(release(steady(), FIRST), "first.csv")
    inbox.drop(release(steady(0.001), SECOND), "second.csv")
    assert len(findings(inbox)) == 1
    inbox.drop(release(steady(), dt.date(2026, 4, 1)), "third.csv")
    # What is told now is that the newest release is not of the size of the one before.
    assert [found["found"] for found in findings(inbox)] == ["1e+03"]
    inbox.drop(release(steady(), dt.date(2026, 7, 1)), "fourth.csv")
    assert findings(inbox) == []


def test_quarters_are_not_held_against_months(tmp_path: Path) -> None:
    """Three times as much falls into a quarter, whatever the unit."""
    inbox = Inbox(safe_bop.SOURCE, tmp_path)
    months = [f"2025.{at}" for at in range(1, 13)]
    quarters = [f"{year}Q{at}" for year in (2023, 2024, 2025) for at in range(1, 5)]
    parts = [
        workbook(months, [10.0] * 12, [-30.0] * 12),
        workbook(quarters, [30.0] * 12, [-90.0] * 12),
    ]
    inbox.drop(parts[0], "months.xlsx", FIRST)
    inbox.drop(parts[1], "quarters.xlsx", SECOND)
    contract = safe_bop.SOURCE.tables["royalty_flow"]
    rows = inbox.landing.scan("royalty_flow")
    assert rows.select(pl.len()).collect().item() > 0
    assert list(between_releases.review("safe_bop.royalty_flow", contract, rows)) == []


def test_undated_bytes_are_releases_by_the_day_they_were_got() -> None:
    """The OECD dates nothing: what was fetched on two days is two releases."""
    contract = oecd.SOURCE.tables["patent_count"]
    rows = []
    for day, areas in (("2026-01-01", ["CHN"]), ("2026-04-01", ["CHN", "XYZ"])):
        text = sdmx.oecd(*(sdmx.oecd_line(area, "2012", "1") for area in areas))
        table = oecd.SOURCE.parse(Payload(text.encode(), "pct")).tables["patent_count"]
        rows.append(
            split(table, contract).accepted.with_columns(
                pl.lit(None, pl.Date).alias("release_date"),
                pl.lit("pct").alias("raw_file"),
                pl.lit(f"{day}T06:00:00+00:00").alias("retrieved_at"),
            )
        )
    [found] = between_releases.review("oecd.patent_count", contract, pl.concat(rows).lazy())
    assert (found["rule"], found["found"]) == ("new_code", "XYZ")


def test_values_of_another_size_are_told_once_for_a_series(inbox: Inbox) -> None:
    inbox.drop(release(steady(), FIRST), "first.csv")
    inbox.drop(release(steady(0.001), SECOND), "second.csv")

    [found] = findings(inbox)
    assert (found["rule"], found["indicator_id"]) == ("shifted_distribution", "IP.PAT.RESD")
    assert found["found"] == "0.001"
    assert "half of 60 values of 2020 to 2024 in the release of 2026-01-28" in found["message"]
    assert "than in the release before" in found["message"]


def test_a_new_year_of_another_size_is_told(inbox: Inbox) -> None:
    inbox.drop(release(steady(), FIRST), "first.csv")
    longer = steady(years=range(2020, 2026))
    for told in longer.values():
        told[2025] = told[2025] * 1000
    inbox.drop(release(longer, SECOND), "second.csv")

    [found] = findings(inbox)
    assert found["rule"] == "shifted_distribution"
    assert "12 values of 2025 to 2025" in found["message"]
    assert "than in the period before" in found["message"]


@pytest.mark.parametrize("released", [dt.date(2025, 12, 30), dt.date(2025, 12, 31)])
def test_a_year_that_was_not_over_still_grows(inbox: Inbox, released: dt.date) -> None:
    """A tenth of 2025 was there when the first release was made, all of it in the second."""
    early = steady(years=range(2020, 2026))
    for told in early.values():
        told[2025] = told[2025] / 10
    inbox.drop(release(early, released), "first.csv")
    inbox.drop(release(steady(years=range(2020, 2026)), SECOND), "second.csv")

    over = released == dt.date(2025, 12, 31)
    assert [f["rule"] for f in findings(inbox)] == (["shifted_distribution"] if over else [])


def test_few_values_tell_nothing(inbox: Inbox) -> None:
    nine = {"CHN": dict.fromkeys(range(2010, 2019), 1.0)}
    inbox.drop(release(nine, FIRST), "first.csv")
    inbox.drop(release({"CHN": dict.fromkeys(range(2010, 2019), 9.0)}, SECOND), "second.csv")
    assert findings(inbox) == []


# A source with its findings, as a run writes them


def run(source: Source, home: Path, files: dict[str, bytes]) -> pl.DataFrame:
    """Findings on the files dropped into a source's inbox."""
    settings = Settings(home=home)
    for name, content in files.items():
        path = settings.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    ingest.collect(source, settings, live=False)
    ingest.land(source, settings)
    return pl.read_parquet(settings.landed / "operations" / "finding" / f"{source.id}.parquet")


def test_findings_reach_the_table_and_go_with_what_they_are_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    flags = "application_number,flag,remark\nCN202011172919.0,true,x\n"
    found = run(sei_flags.SOURCE, tmp_path, {"sei_flags/list.csv": flags.encode()})
    assert found.select("dataset", "rule", "severity", "message").rows() == [
        ("sei_flags.flag", "column_added", "warning", "list.csv: column 'remark' is new")
    ]
    assert "sei_flags.flag: list.csv: column 'remark' is new" in caplog.text
    plain = flags.replace(",remark", "").replace(",x", "").encode()
    assert run(sei_flags.SOURCE, tmp_path, {"sei_flags/list.csv": plain}).is_empty()


def test_findings_that_a_run_did_not_come_to_write_are_written_by_the_next(tmp_path: Path) -> None:
    flags = "application_number,flag,remark\nCN202011172919.0,true,x\n"
    plain = "application_number,flag\nCN202011172919.0,true\n"
    run(sei_flags.SOURCE, tmp_path, {"sei_flags/list.csv": plain.encode()})
    dies = dataclasses.replace(sei_flags.SOURCE, review=_dies)
    with pytest.raises(ZeroDivisionError):
        run(dies, tmp_path, {"sei_flags/list.csv": flags.encode()})
    found = run(sei_flags.SOURCE, tmp_path, {})
    assert found["rule"].to_list() == ["column_added"]


def _dies(_: object) -> list[Mapping[str, object]]:
    raise ZeroDivisionError


def test_a_dimension_of_no_known_form_keeps_a_whole_file_out(tmp_path: Path) -> None:
    inbox = Inbox(eurostat.SOURCE, tmp_path)
    good = sdmx.eurostat("A,NR,EL,2013,67.59,,", "A,NR,FR,2013,8000,,")
    inbox.drop(good.encode(), "pat.csv")
    [landed] = inbox.drop(good.replace("unit,", "unit,SEX,").replace("NR,", "NR,T,").encode(), "p")
    assert landed.outcome == "refused"
    assert "a rule that no row of a payload may break: row 2, column dimensions" in str(
        landed.message
    )
    assert inbox.landing.accepted("observation").height == 2


def test_a_pledge_for_nothing_lands_with_a_finding(tmp_path: Path) -> None:
    pledges = (
        "登记号,登记日,解除日,出质人,质权人,专利号,金额\n"
        "Y2020980000001,2020-05-11,,甲,乙,ZL202011172919.0,0万元\n"
    )
    found = run(patent_register.SOURCE, tmp_path, {"pledges/list.csv": pledges.encode()})
    assert found["rule"].to_list() == ["amount_is_not_zero"]
    assert found["dataset"].to_list() == ["patent_register.pledge"]
    settings = Settings(home=tmp_path)
    landing = Landing(patent_register.SOURCE, RawStore(settings.raw), settings.landed)
    assert landing.accepted("pledge")["amount"].to_list() == [0.0]
