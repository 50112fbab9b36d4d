"""Hand-reviewed CSV files on their way to landed rows: exact values, and what bad input gets.

Real files, store and landing, with a few figures written here. Not here: the figures that the
repository carries (tests/contracts/test_official_figures.py) and the arithmetic between figures
(tests/contracts/test_rules.py).
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.base import split
from pipelines.fetch import Client
from pipelines.landing import Landed, Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.source import Payload, SourceFormatError
from pipelines.sources.official_releases import SOURCE, parse

HEADERS = {
    "releases": "release_id title publisher published published_precision address trust licence "
    "note",
    "indicators": "indicator_id name_en name_zh definition definition_source unit_measure "
    "direction stock_or_flow scope since usage_warning",
    "ref_areas": "ref_area name_en name_zh kind parent gb_code geo_scope is_aggregate note",
    "plans": "plan_id title_en title_zh level ref_area period_start period_end issuer published "
    "published_precision address note",
    "observations": "indicator_id ref_area time_period time_period_as_published "
    "value_as_published unit_as_published qualifier corrected_value corrected_unit "
    "correction_kind correction_reason obs_status is_derived is_proxy release_id place note",
    "targets": "plan_id indicator_no indicator_id ref_area target_period target_as_published "
    "unit_as_published operator qualifier corrected_value corrected_unit correction_kind "
    "correction_reason baseline_as_published baseline_period_as_published baseline_period "
    "change_as_published kind release_id place note",
    "relations": "relation_id kind result operands params note",
    "explanations": "rule indicator_id ref_area time_period explanation",
}
Row = dict[str, str]

RELEASE = {
    "release_id": "bulletin-2024",
    "title": "公报, 2023",
    "published": "2024-02-01",
    "published_precision": "day",
    "trust": "primary",
    "licence": "cite-source",
}
INDICATOR = {
    "indicator_id": "pledge",
    "name_en": "Pledge financing",
    "definition": "Amount of registered pledges.",
    "unit_measure": "CNY",
    "direction": "higher",
    "stock_or_flow": "flow",
}
AREA = {
    "ref_area": "CHN",
    "name_en": "China",
    "kind": "country",
    "geo_scope": "mainland",
    "is_aggregate": "false",
}
PLAN = {
    "plan_id": "NAT-1",
    "title_en": "A plan",
    "level": "national",
    "ref_area": "CHN",
    "period_start": "2021",
    "period_end": "2025",
}
FIGURE = {
    "indicator_id": "pledge",
    "ref_area": "CHN",
    "time_period": "2023",
    "value_as_published": "8539.9",
    "unit_as_published": "100 million yuan",
    "obs_status": "A",
    "is_derived": "false",
    "is_proxy": "false",
    "release_id": "bulletin-2024",
}
TARGET = {
    "plan_id": "NAT-1",
    "indicator_id": "pledge",
    "ref_area": "CHN",
    "target_period": "2025",
    "target_as_published": "3200",
    "unit_as_published": "100 million yuan",
    "operator": "ge",
    "baseline_as_published": "2180",
    "baseline_period": "2020",
    "change_as_published": "1020",
    "kind": "anticipated",
    "release_id": "bulletin-2024",
}
RELATION = {
    "relation_id": "pledge-growth",
    "kind": "growth",
    "result": "pledge__growth",
    "operands": "pledge",
}


def text_of(table: str, rows: list[Row]) -> str:
    """A CSV file as a person's editor writes it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADERS[table].split(), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def parsed(table: str, *rows: Row) -> list[dict[str, Any]]:
    """Rows of a file, by the parser alone."""
    (frame,) = parse(Payload(text_of(table, list(rows)).encode(), f"{table}.csv")).tables.values()
    return frame.to_dicts()


def figures(count: int) -> list[Row]:
    """One figure a year from 1950 on; the first stands on line 2."""
    return [
        {**FIGURE, "time_period": str(1950 + at), "value_as_published": f"{at + 1}.5"}
        for at in range(count)
    ]


class Desk:
    """A folder of files that a person edits, landed into a warehouse beside it."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = root / "desk"
        self.folder.mkdir()
        monkeypatch.setenv("IPW_OFFICIAL_RELEASES_BASE_URL", str(self.folder))
        self._settings = Settings(home=root / "home")
        self._store = RawStore(self._settings.raw)
        self.landing = Landing(SOURCE, self._store, self._settings.landed)
        self.save("releases", [RELEASE])
        self.save("indicators", [INDICATOR])
        self.save("ref_areas", [AREA])
        self.save("plans", [PLAN])
        self.save("observations", figures(40))
        self.save("targets", [TARGET])
        self.save("relations", [RELATION])
        self.save("explanations", [])

    def save(self, table: str, rows: list[Row]) -> None:
        self.save_bytes(f"{table}.csv", text_of(table, rows).encode())

    def save_bytes(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def land(self) -> dict[str, Landed]:
        """Take all files and land what is new; what became of each file."""
        client = Client(SOURCE, self._store, self._settings)
        assert SOURCE.fetch is not None
        SOURCE.fetch(client)
        return {landed.file: landed for landed in self.landing.run()}

    def periods(self) -> list[str]:
        """Periods of the figures that stand."""
        return sorted(self.landing.accepted("observation")["time_period"])

    def history(self, name: str = "observations.csv") -> list[str]:
        """Outcomes on record for a file."""
        return sorted(self.landing.history().filter(pl.col("file") == name)["outcome"])

    def quarantine(self, table: str = "observation") -> list[dict[str, Any]]:
        folder = self._settings.landed / "operations" / "quarantine"
        found = folder.glob(f"official_releases__{table}__*.parquet")
        return [row for path in found for row in pl.read_parquet(path).to_dicts()]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


# --- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "plain", "measure"),
    [
        ("8539.9", "100 million yuan", 853_990_000_000.0, "CNY"),
        ("3194.4", "100 million yuan", 319_440_000_000.0, "CNY"),
        ("709.5", "billion yuan", 709_500_000_000.0, "CNY"),
        ("11.5", "trillion yuan", 11_500_000_000_000.0, "CNY"),
        ("4.6", "million yuan", 4_600_000.0, "CNY"),
        ("229.2", "10,000 pieces", 2_292_000.0, "NUMBER"),
        ("4.423", "10,000 pieces", 44_230.0, "NUMBER"),
        ("1.11", "10,000 pieces", 11_100.0, "NUMBER"),  # 1.11 * 10000 is 11100.000000000002
        ("30.173", "million", 30_173_000.0, "NUMBER"),
        ("53770", "pieces", 53_770.0, "NUMBER"),
        ("141212", "10,000 persons", 1_412_120_000.0, "PERSONS"),
        ("40.98", "US$ billion", 40_980_000_000.0, "USD"),
        ("13.38", "%", 13.38, "PT"),
        ("250", "pieces per million population", 2.5, "PER_10K_POP"),
        ("-2", "months", -2.0, "MONTHS"),
    ],
)
def test_a_printed_number_becomes_a_plain_one(
    value: str, unit: str, plain: float, measure: str
) -> None:
    (row,) = parsed(
        "observations", {**FIGURE, "value_as_published": value, "unit_as_published": unit}
    )
    assert (row["obs_value"], row["unit_measure"]) == (plain, measure)
    assert row["obs_value_as_written"] == plain
    assert (row["value_as_published"], row["unit_as_published"]) == (value, unit)


@pytest.mark.parametrize(
    ("value", "unit", "qualifier", "low", "high"),
    [
        ("8539.9", "100 million yuan", "", 853_985_000_000.0, 853_995_000_000.0),
        ("229.2", "10,000 pieces", "", 2_291_500.0, 2_292_500.0),
        ("4", "10,000 pieces", "", 35_000.0, 45_000.0),
        ("13.0", "%", "", 12.95, 13.05),
        ("13", "%", "", 12.5, 13.5),
        ("73200", "pieces", "", 73_150.0, 73_250.0),
        ("53770", "pieces", "", 53_769.5, 53_770.5),
        ("1", "trillion yuan", "more_than", 1e12, None),
        ("10", "million yuan", "less_than", None, 1e7),
        ("300", "pieces", "approximately", 250.0, 350.0),
        ("198", "pieces", "approximately", 188.1, 207.9),
    ],
)
def test_bounds_of_rounding(
    value: str, unit: str, qualifier: str, low: float | None, high: float | None
) -> None:
    cells = {"value_as_published": value, "unit_as_published": unit, "qualifier": qualifier}
    (row,) = parsed("observations", {**FIGURE, **cells})
    assert (row["value_low"], row["value_high"]) == (low, high)


def test_a_correction_keeps_what_was_printed() -> None:
    (row,) = parsed(
        "observations",
        {
            **FIGURE,
            "time_period": "2020",
            "value_as_published": "44.23",
            "unit_as_published": "million",
            "corrected_value": "4.423",
            "corrected_unit": "10,000 pieces",
            "correction_kind": "scale",
            "correction_reason": "ten-thousands taken for millions",
        },
    )
    assert (row["value_as_published"], row["unit_as_published"]) == ("44.23", "million")
    assert row["obs_value_as_written"] == 44_230_000.0
    assert row["obs_value"] == 44_230.0
    assert (row["value_low"], row["value_high"]) == (44_225.0, 44_235.0)
    assert row["correction_kind"] == "scale"


def test_a_corrected_unit_alone_moves_target_baseline_and_change() -> None:
    (row,) = parsed(
        "targets",
        {
            **TARGET,
            "unit_as_published": "billion yuan",
            "corrected_unit": "100 million yuan",
            "correction_kind": "scale",
            "correction_reason": "yi taken for billions",
        },
    )
    assert row["target_value_as_written"] == 3_200_000_000_000.0
    assert row["target_value"] == 320_000_000_000.0
    assert row["baseline_value"] == 218_000_000_000.0
    assert row["change_value"] == 102_000_000_000.0


def test_a_period_printed_wrong_keeps_both_periods() -> None:
    moved = {**FIGURE, "time_period": "2019", "time_period_as_published": "2020"}
    as_is, corrected = parsed("observations", FIGURE, moved)
    assert (as_is["time_period"], as_is["time_period_as_published"]) == ("2023", "2023")
    assert (corrected["time_period"], corrected["time_period_as_published"]) == ("2019", "2020")


@pytest.mark.parametrize(
    ("period", "freq"),
    [
        ("2021", "A"),
        ("2025-S1", "S"),
        ("2023-Q4", "Q"),
        ("2025-06", "M"),
        ("2022-08-11", "D"),
        ("2016-01-01/P5Y", "_O"),
        ("2022-05-01/P14M", "_O"),
    ],
)
def test_frequency_follows_from_the_period(period: str, freq: str) -> None:
    (row,) = parsed("observations", {**FIGURE, "time_period": period})
    assert row["freq"] == freq


def test_a_gap_is_no_zero(desk: Desk) -> None:
    gap = {**FIGURE, "value_as_published": "", "obs_status": "M", "note": "not found"}
    zero = {**FIGURE, "time_period": "2024", "value_as_published": "0"}
    desk.save("observations", [*figures(1), gap, zero])
    desk.land()
    landed = desk.landing.accepted("observation").sort("raw_row")
    assert landed["obs_value"].to_list() == [150_000_000.0, None, 0.0]


# --- landing ------------------------------------------------------------------------------------


def test_rows_land_with_their_origin(desk: Desk) -> None:
    desk.land()
    row = desk.landing.accepted("observation").sort("raw_row").row(0, named=True)
    content = (desk.folder / "observations.csv").read_bytes()
    assert (row["raw_file"], row["raw_row"]) == ("observations.csv", 2)
    assert RawStore(desk.folder.parent / "home" / "raw").get(row["raw_sha256"]) == content
    assert desk.land() == {}  # nothing changed


def test_a_spreadsheet_s_byte_order_mark_is_no_part_of_the_header(desk: Desk) -> None:
    desk.save_bytes("plans.csv", b"\xef\xbb\xbf" + text_of("plans", [PLAN]).encode())
    assert desk.land()["plans.csv"].outcome == "landed"


def test_cells_may_hold_commas_quotes_and_line_ends(desk: Desk) -> None:
    note = 'says "about", then\nmore, 一、二'
    rows = figures(3)
    rows[1]["note"] = note
    desk.save("observations", rows)
    desk.land()
    landed = desk.landing.accepted("observation").sort("raw_row")
    assert landed["note"].to_list() == [None, note, None]


Spoil = Callable[[bytes], bytes]


def header(old: bytes, new: bytes) -> Spoil:
    """The file with a word of its first line replaced."""

    def spoil(content: bytes) -> bytes:
        first, rest = content.split(b"\n", 1)
        assert old in first
        return first.replace(old, new) + b"\n" + rest

    return spoil


def without_last_column(content: bytes) -> bytes:
    return b"\n".join(line.rpartition(b",")[0] for line in content.splitlines())


BAD_FILES: list[tuple[str, Spoil, str]] = [
    ("not UTF-8", lambda c: c[:400] + "件".encode("gb18030") + c[400:], "byte 400 is not UTF-8"),
    ("UTF-16", lambda c: c.decode().encode("utf-16"), "byte 0 is not UTF-8"),
    ("a cell too few", lambda c: c + b"pledge,CHN,2023\n", "line 42: 3 cells, the header has 17"),
    ("a cell too many", lambda c: c.replace(b"6.5,", b"6,5,"), "line 7: 18 cells"),
    ("an open quote", lambda c: c + b'pledge,"CHN,2023\n', "line 42"),
    ("no bytes", lambda _: b"", "'value_as_published' is gone"),
    ("only a mark", lambda _: b"\xef\xbb\xbf", "'value_as_published' is gone"),
    (
        "column renamed",
        header(b"place", b"Place"),
        "column 'place' is gone and 'Place' came: renamed",
    ),
    ("column added", header(b"note", b"note,remark"), "column 'remark' is new"),
    ("column missing", without_last_column, "column 'note' is gone"),
    ("column twice", header(b"place,note", b"note,note"), "line 1: columns that stand twice: note"),
    ("computed column", header(b"place", b"obs_value"), "'obs_value' "),
    ("a web page", lambda _: b"<html><body>404</body></html>", "column '<html>.*' is new"),
]


@pytest.mark.parametrize(
    ("spoil", "message"), [case[1:] for case in BAD_FILES], ids=[case[0] for case in BAD_FILES]
)
def test_what_is_wrong_with_a_file_is_said(spoil: Spoil, message: str) -> None:
    good = text_of("observations", figures(40)).encode()
    with pytest.raises(SourceFormatError, match=message) as refused:
        parse(Payload(spoil(good), "observations.csv"))
    assert str(refused.value).startswith("observations.csv")


@pytest.mark.parametrize("spoil", [BAD_FILES[0][1], BAD_FILES[5][1]], ids=["not UTF-8", "empty"])
def test_a_file_that_cannot_be_read_is_refused_and_the_last_one_stands(
    desk: Desk, spoil: Spoil
) -> None:
    good = (desk.folder / "observations.csv").read_bytes()
    desk.land()
    standing = desk.landing.accepted("observation")
    desk.save_bytes("observations.csv", spoil(good))

    done = desk.land()

    assert done["observations.csv"].outcome == "refused"
    assert str(done["observations.csv"].message).startswith("observations.csv")
    assert desk.landing.accepted("observation").equals(standing)
    assert desk.history() == ["landed", "refused"]
    assert done["targets.csv"].outcome == "landed"  # the files beside it do


@pytest.mark.parametrize("name", ["figures.csv", "observation_2.csv", "Observations.csv"])
def test_a_file_of_another_name_is_refused_by_name(desk: Desk, name: str) -> None:
    desk.save_bytes(name, text_of("observations", [FIGURE]).encode())
    done = desk.land()
    assert done[name].outcome == "refused"
    assert f"{name}: not one of releases.csv, " in str(done[name].message)
    assert done["observations.csv"].outcome == "landed"
    assert len(desk.periods()) == 40


BAD_CELLS: list[tuple[Row, str | None, str, str | None]] = [
    # cells typed, then what the quarantine names: column, rule, value
    ({"unit_as_published": "yuans"}, "unit_as_published", "isin", "yuans"),
    ({"corrected_unit": "yi"}, "unit_measure", "isin", "yi"),
    ({"indicator_id": "pledges"}, "indicator_id", "known", "pledges"),
    ({"release_id": "bulletin-1924"}, "release_id", "known", "bulletin-1924"),
    ({"ref_area": "CN-ZZ"}, "ref_area", "known", "CN-ZZ"),
    ({"value_as_published": "many"}, "value_as_published", "str_matches", "many"),
    ({"value_as_published": "８５.5"}, "value_as_published", "str_matches", "８５.5"),
    ({"value_as_published": "8,539.9"}, "value_as_published", "str_matches", "8,539.9"),
    ({"value_as_published": "1e999"}, "value_as_published", "str_matches", "1e999"),
    ({"value_as_published": "1e999999999"}, "value_as_published", "str_matches", "1e999999999"),
    ({"value_as_published": "NaN"}, "value_as_published", "str_matches", "NaN"),
    ({"value_as_published": "1_000"}, "value_as_published", "str_matches", "1_000"),
    ({"value_as_published": "12.5\n"}, "value_as_published", "str_matches", "12.5\n"),
    ({"corrected_value": "about 3"} | {"correction_kind": "scale", "correction_reason": "x"},
     "obs_value", "type:Float64", "about 3"),
    ({"time_period": "２０２３"}, "time_period", "str_matches", "２０２３"),
    ({"time_period": "2023-H1"}, "time_period", "str_matches", "2023-H1"),
    ({"time_period": "2023-13"}, "time_period", "period_exists", "2023-13"),
    ({"time_period": "2023-02-29"}, "time_period", "period_exists", "2023-02-29"),
    ({"time_period": ""}, "time_period", "not_nullable", None),
    ({"qualifier": "roughly"}, "qualifier", "isin", "roughly"),
    ({"is_derived": "no"}, "is_derived", "type:Boolean", "no"),
    ({"obs_status": "X"}, "obs_status", "isin", "X"),
    ({"value_as_published": ""}, None, "missing_value_has_status_m", None),
    ({"correction_kind": "scale"}, None, "correction_has_a_reason", None),
    ({"value_as_published": "", "obs_status": "M"}, None, "gap_says_why", None),
]  # fmt: skip


BAD_TARGETS: list[tuple[Row, str | None, str, str | None]] = [
    ({"baseline_as_published": "none"}, "baseline_as_published", "str_matches", "none"),
    ({"change_as_published": "+5,7"}, "change_as_published", "str_matches", "+5,7"),
    ({"target_as_published": "２２"}, "target_as_published", "str_matches", "２２"),
    ({"corrected_value": "twice"}, "target_value", "type:Float64", "twice"),
    ({"operator": ">"}, "operator", "isin", ">"),
    ({"indicator_no": "one"}, "indicator_no", "type:Int64", "one"),
    ({"plan_id": "NAT-9"}, "plan_id", "known", "NAT-9"),
    ({"baseline_period": "2021-02-29"}, "baseline_period", "period_exists", "2021-02-29"),
    ({"baseline_period": ""}, None, "baseline_has_a_period", None),
]
BAD_PARAMS = ["from=2015", "from;to", "from=2015;to=2019;by=1", "from=x;to=y"]


class Spoilt(NamedTuple):
    """One landing of many good rows followed by one row for each bad cell above."""

    desk: Desk
    done: dict[str, Landed]
    lines: dict[str, list[int]]


def line_numbers(rows: list[Row]) -> list[int]:
    """Line of the file on which each row begins; a cell may hold line ends."""
    lines, line = [], 2
    for row in rows:
        lines.append(line)
        line += 1 + sum(cell.count("\n") for cell in row.values())
    return lines


GOOD = {"observations": 600, "targets": 200, "relations": 40}


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spoilt]:
    cagr = {**RELATION, "kind": "cagr", "params": "from=2015;to=2019"}
    targets = [{**TARGET, "target_period": str(2000 + at)} for at in range(GOOD["targets"] + 9)]
    rows = {
        "observations": figures(GOOD["observations"] + len(BAD_CELLS)),
        "targets": targets,
        "relations": [{**cagr, "relation_id": f"r{at}"} for at in range(GOOD["relations"] + 4)],
    }
    bad = {
        "observations": [case[0] for case in BAD_CELLS],
        "targets": [case[0] for case in BAD_TARGETS],
        "relations": [{"params": params} for params in BAD_PARAMS],
    }
    with pytest.MonkeyPatch.context() as patch:
        desk = Desk(tmp_path_factory.mktemp("spoilt"), patch)
        for table, cells in bad.items():
            for row, change in zip(rows[table][GOOD[table] :], cells, strict=True):
                row |= change
            desk.save(table, rows[table])
        numbers = {table: line_numbers(rows[table])[GOOD[table] :] for table in rows}
        yield Spoilt(desk, desk.land(), numbers)


def test_good_rows_land_beside_bad_ones(spoilt: Spoilt) -> None:
    for table, good in GOOD.items():
        landed = spoilt.done[f"{table}.csv"]
        bad = len(spoilt.lines[table])
        assert (landed.outcome, landed.rows_in) == ("landed", good + bad)
        assert (landed.rows_accepted, landed.rows_quarantined) == (good, bad)
        accepted = spoilt.desk.landing.accepted(table.removesuffix("s")).sort("raw_row")
        assert accepted["raw_row"].to_list() == list(range(2, good + 2))
        named = {q["raw_row"] for q in spoilt.desk.quarantine(table.removesuffix("s"))}
        assert sorted(named) == spoilt.lines[table]
    # Values stay exact, although cells of their column are text.
    values = spoilt.desk.landing.accepted("observation").sort("raw_row")["obs_value"].to_list()
    assert values == [(at + 1.5) * 1e8 for at in range(GOOD["observations"])]


@pytest.mark.parametrize(
    ("table", "at"),
    [("observations", at) for at in range(len(BAD_CELLS))]
    + [("targets", at) for at in range(len(BAD_TARGETS))],
    ids=lambda part: str(part),
)
def test_a_bad_cell_is_named_with_row_column_value_and_rule(
    spoilt: Spoilt, table: str, at: int
) -> None:
    cells, column, rule, value = (BAD_CELLS if table == "observations" else BAD_TARGETS)[at]
    found = [
        failure
        for failure in spoilt.desk.quarantine(table.removesuffix("s"))
        if failure["raw_row"] == spoilt.lines[table][at] and failure["column_name"] == column
    ]
    assert {failure["file"] for failure in found} == {f"{table}.csv"}
    assert [failure for failure in found if failure["check"].startswith(rule)]
    assert column is None or {failure["value"] for failure in found} == {value}
    kept = json.loads(found[0]["row_json"])
    assert all(kept[name] == (cell or None) for name, cell in cells.items() if name in kept)


def test_a_relation_that_no_rule_can_read_is_named(spoilt: Spoilt) -> None:
    found = spoilt.desk.quarantine("relation")
    assert [failure["check"] for failure in found] == ["params_fit_the_kind"] * len(BAD_PARAMS)


def test_one_figure_given_twice_by_a_release_is_kept_out_twice(desk: Desk) -> None:
    rows = figures(40)
    desk.save("observations", [*rows, {**rows[3], "value_as_published": "7"}])
    landed = desk.land()["observations.csv"]
    assert (landed.rows_accepted, landed.rows_quarantined) == (39, 2)
    assert {q["raw_row"] for q in desk.quarantine()} == {5, 42}
    assert {q["check"].split("(")[0] for q in desk.quarantine()} == {"unique"}


def test_two_bad_rows_of_forty_land_and_three_refuse_the_file(desk: Desk) -> None:
    desk.land()
    rows = figures(40)
    for at in (3, 8):
        rows[at]["unit_as_published"] = "yuans"
    desk.save("observations", rows)
    landed = desk.land()["observations.csv"]
    assert (landed.outcome, landed.rows_quarantined) == ("landed", 2)  # 5 % of 40
    assert len(desk.periods()) == 38

    rows[9]["unit_as_published"] = "yuans"
    desk.save("observations", rows)
    refused = desk.land()["observations.csv"]
    assert refused.outcome == "refused"
    assert (refused.rows_in, refused.rows_accepted, refused.rows_quarantined) == (40, 37, 3)
    for said in ("3 of 40 rows", "5%", "first: row 5, column unit_as_published", "'yuans'", "isin"):
        assert said in str(refused.message)
    assert len(desk.periods()) == 38  # the last good landing
    assert desk.history() == ["landed", "refused"]
    assert len({q["raw_row"] for q in desk.quarantine()}) == 3


def test_a_mended_file_lands_and_takes_the_refusal_off_the_record(desk: Desk) -> None:
    desk.land()
    desk.save("observations", [{**row, "ref_area": "ZZ"} for row in figures(41)])
    assert desk.land()["observations.csv"].outcome == "refused"
    assert desk.land() == {}  # judged once
    assert desk.history() == ["landed", "refused"]

    desk.save("observations", figures(41))
    assert desk.land()["observations.csv"].outcome == "landed"
    assert desk.history() == ["landed"]
    assert len(desk.periods()) == 41
    assert desk.quarantine() == []


@pytest.mark.parametrize("bad", [b"", text_of("observations", [FIGURE] * 40).encode()])
def test_going_back_to_the_last_good_file_takes_the_refusal_off_the_record(
    desk: Desk, bad: bytes
) -> None:
    good = (desk.folder / "observations.csv").read_bytes()
    desk.land()
    desk.save_bytes("observations.csv", bad)
    assert desk.land()["observations.csv"].outcome == "refused"
    desk.save_bytes("observations.csv", good)
    desk.land()
    assert desk.history() == ["landed"]
    assert desk.quarantine() == []
    assert desk.land() == {}


def test_a_change_of_the_releases_alone_judges_the_figures_again(desk: Desk) -> None:
    desk.land()
    rows = figures(40)
    rows[0]["release_id"] = "bulletin-1951"
    desk.save("observations", rows)
    assert desk.land()["observations.csv"].rows_quarantined == 1

    desk.save("releases", [RELEASE, {**RELEASE, "release_id": "bulletin-1951"}])
    done = desk.land()
    assert done["releases.csv"].rows_accepted == 2
    assert done["observations.csv"].rows_quarantined == 0
    assert len(desk.periods()) == 40

    desk.save("releases", [{**RELEASE, "release_id": "bulletin-1951"}])
    refused = desk.land()["observations.csv"]
    assert refused.outcome == "refused"
    assert "39 of 40 rows" in str(refused.message)
    assert "'bulletin-2024'" in str(refused.message)


NASTY = ["", "０", "-", "-Q21", "/P5Y", "2023-02-30", "0000", "1e9", "Infinity", "\n", '"', "\x00",
         "2023", "2023-S1", "3.5", "-0", "0.000", "%", "billion yuan", "text", "more_than", "M",
         "pledge", "CHN", "bulletin-2024", "NAT-1", "true", "scale", "9" * 30]  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_is_typed_is_landed_or_named_and_never_breaks_the_review(
    data: st.DataObject,
) -> None:
    """Any text in any cell of figures, targets and relations."""
    cell = st.sampled_from(NASTY) | st.text(
        st.characters(codec="utf-8", exclude_characters="\r"), max_size=8
    )
    start = {"observations": FIGURE, "targets": TARGET, "relations": RELATION}
    tables = {
        name: split(frame, SOURCE.tables[name]).accepted
        for table, row in (("releases", RELEASE), ("explanations", None))
        for name, frame in parse(
            Payload(text_of(table, [row] if row else []).encode(), f"{table}.csv")
        ).tables.items()
    }
    for table, row in start.items():
        changes = data.draw(
            st.lists(
                st.dictionaries(st.sampled_from(HEADERS[table].split()), cell, max_size=3),
                min_size=1,
                max_size=4,
            )
        )
        rows = [{**row, **change} for change in changes]
        ((name, frame),) = parse(
            Payload(text_of(table, rows).encode(), f"{table}.csv")
        ).tables.items()
        known = {"release_id": tables["release"]["release_id"]} if table != "relations" else {}
        accepted, failures, rejected = split(frame, SOURCE.tables[name], known)
        assert accepted.height + rejected.height == len(rows)
        assert set(failures["raw_row"]) == set(rejected["raw_row"])
        tables[name] = accepted.with_columns(raw_file=pl.lit(f"{table}.csv"))
    assert SOURCE.review is not None
    SOURCE.review(tables)


def test_a_file_cut_to_its_header_does_not_wipe_out_what_is_landed(desk: Desk) -> None:
    desk.save("observations", figures(40))
    desk.land()
    header = (desk.folder / "observations.csv").read_bytes().splitlines()[0] + b"\n"
    desk.save_bytes("observations.csv", header)
    refused = desk.land()["observations.csv"]
    assert refused.outcome == "refused"
    assert refused.message == "it holds no rows, but 40 of it are landed"
    assert len(desk.periods()) == 40
