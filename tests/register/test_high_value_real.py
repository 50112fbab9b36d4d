"""The marts of the first indicator on the real exports, against a second reading of the same files.

The exports lie in the inboxes as a user drops them and are landed and built by the real code. What
they must give is worked out by real_exports.py and the reference, without adapters or SQL. No real
file tells all five conditions: what nobody observes must show as bounds, never as zeros. Not here:
rules at their edges (test_high_value_agrees.py, dbt's unit tests).
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest
import real_exports
import warehouse_runs as wr
from expected_marts import agree, inventions, verdict
from real_exports import Said
from reference import CONDITIONS, RULES, TRUE, UNKNOWN, Parameters, Register, first_owner
from sei_by_hand import industries, rules_of_table

from pipelines.settings import Settings

AS_OF = date(2026, 7, 31)
MODELS = (
    "fct_patent_condition",
    "mart_high_value_patent",
    "mart_high_value_stock",
    "mart_high_value_overlap",
    "high_value_stock_at",
)
RULE = "v2021_five"
Shared = Callable[[str], Path]
Built = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def files(shared_path: Shared) -> dict[str, list[Path]]:
    """The real files by inbox."""
    found = {
        inbox: [shared_path(place) for place in places]
        for inbox, (_, places) in real_exports.FILES.items()
    }
    return {
        inbox: [f for p in places for f in (sorted(p.iterdir()) if p.is_dir() else [p])]
        for inbox, places in found.items()
    }


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, list[Path]]
) -> Iterator[Built]:
    """The marts on the real files."""
    home = tmp_path_factory.mktemp("real")
    for inbox, paths in files.items():
        folder = Settings(home=home).inbox / inbox
        folder.mkdir(parents=True)
        for path in paths:
            shutil.copy(path, folder)
    wr.land(home)
    database = wr.models(home, tmp_path_factory.mktemp("built"), *MODELS, day=AS_OF)
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def said(files: dict[str, list[Path]]) -> list[Said]:
    """What the files say, by patent."""
    return real_exports.by_patent(
        replace(record, source=inbox)
        for inbox, (read, _) in real_exports.FILES.items()
        for path in files[inbox]
        for record in read(path)
    )


@pytest.fixture(scope="module")
def register(said: list[Said]) -> Register:
    """The same, as the reference takes it."""
    patents = tuple(real_exports.as_patents(said))
    rules = rules_of_table()
    words = {"true": TRUE, "unknown": UNKNOWN}
    return Register(
        patents,
        {
            symbol: {c: words[state] for c, (state, _) in industries(rules, symbol).items()}
            for symbol in {s.ipc_symbol for p in patents for s in p.symbols}
        },
    )


@pytest.fixture(scope="module")
def verdicts(register: Register) -> dict[str, dict[str, wr.Row]]:
    """By rule version and patent, what mart_high_value_patent must say of it."""
    return {
        rule: {p.patent_id: verdict(register, p, rule, AS_OF) for p in inventions(register)}
        for rule in RULES
    }


def by_key(built: Built, sql: str) -> dict[str, wr.Row]:
    """Rows by office and publication number, as the register of the test names its patents."""
    rows = wr.fetch(built, sql)
    found = {f"{row['office']} {row['publication_number']}": row for row in rows}
    assert len(found) == len(rows)
    return found


def test_every_patent_of_the_files_is_there_once(built: Built, said: list[Said]) -> None:
    patents = {" ".join(s.key): s for s in said if s.documents}
    rows = by_key(built, "select * from intermediate.int_register__patent")
    assert set(rows) == set(patents)
    # Counted by kind, kind of right, office, and status in the sources' words.
    assert Counter(r["kind_codes"] for r in rows.values()) == Counter(
        s.kinds for s in patents.values()
    )
    assert Counter((r["office"], r["legal_status_as_published"]) for r in rows.values()) == Counter(
        (s.key[0], s.status) for s in patents.values()
    )
    assert {key: rows[key]["documents"] for key in rows} == {
        key: len(s.documents) for key, s in patents.items()
    }
    # Told of by several files, and one patent each.
    told = {key for key, s in patents.items() if len({r.file for r in s.records}) > 1}
    assert {"JP 2015047521", "CN 116022936", "EP 3243562"} <= told  # by two exports
    assert len({r.file for r in patents["EP 2400812"].records}) == 6  # by six answers
    assert all(rows[key]["documents"] > 1 for key in told)


def test_counts_are_those_of_the_files(
    built: Built, register: Register, verdicts: dict[str, dict[str, wr.Row]]
) -> None:
    rows = wr.fetch(built, "from mart_high_value_patent where rule_version = ?", [RULE])
    for name in ("in_force_state", "high_value_state", *(f"{c}_state" for c in CONDITIONS)):
        assert Counter((r["office"], r[name]) for r in rows) == Counter(
            (patent[:2], found[name]) for patent, found in verdicts[RULE].items()
        ), name
    owners = [first_owner(p, AS_OF) for p in inventions(register)]
    assert Counter(r["residence"] for r in rows) == Counter(
        o and (o.region or o.country) for o in owners
    )
    provinces = {r["residence"] for r in rows if (r["residence"] or "").startswith("CN-")}
    assert len(provinces) > 25


@pytest.mark.parametrize("rule", RULES)
def test_every_patent_has_the_verdict_of_the_reference(
    built: Built, verdicts: dict[str, dict[str, wr.Row]], rule: str
) -> None:
    rows = by_key(built, f"from mart_high_value_patent where rule_version = '{rule}'")
    assert set(rows) == set(verdicts[rule])
    wrong = {}
    for patent, expected in verdicts[rule].items():
        differs = {n: (rows[patent][n], v) for n, v in expected.items() if rows[patent][n] != v}
        if differs:
            wrong[patent] = differs
    assert not wrong, (len(wrong), list(wrong.items())[:3])


def test_stocks_are_those_of_the_reference(built: Built, register: Register) -> None:
    for rule, year in [(RULE, 2010), (RULE, 2020), (RULE, 2025), ("v2026_four", 2025)]:
        rows = wr.fetch(
            built,
            "from mart_high_value_stock where rule_version = ? and time_period = ?",
            [rule, str(year)],
        )
        agree(rows, register, rule, Parameters(), date(year, 12, 31))
    p = Parameters(family_needs="published", sei_keyword_limited="counted")
    rows = wr.fetch(
        built,
        """from high_value_stock_at(
            ?, family_needs := 'published', sei_keyword_limited := 'counted'
        ) where rule_version = ?""",
        [AS_OF, RULE],
    )
    agree(rows, register, RULE, p, AS_OF)


def test_what_no_file_tells_gives_bounds_and_not_zeros(built: Built) -> None:
    patents = wr.fetch(built, "from mart_high_value_patent where rule_version = ?", [RULE])
    # No file tells of pledges or prizes of these offices.
    assert {(r["pledge_state"], r["award_state"]) for r in patents} == {("unknown", "unknown")}
    [chinese] = wr.fetch(
        built,
        """from mart_high_value_stock
        where rule_version = ? and office = 'CN' and ref_area = 'CHN' and time_period = '2025'""",
        [RULE],
    )
    # No file tells of events of Chinese patents: none is surely in force, and none surely is not.
    assert {r["in_force_state"] for r in patents if r["office"] == "CN"} == {"unknown", "false"}
    assert chinese["valid_inventions"] == chinese["high_value_lower"] == 0
    assert chinese["valid_inventions_upper"] == chinese["high_value_upper"] > 0
    assert chinese["high_value_lower_per_10k"] < chinese["high_value_upper_per_10k"]
    # Only patents whose own events are told are surely in force, many fewer than those that may be.
    told = wr.fetch(
        built,
        """from mart_high_value_stock where rule_version = ? and office in ('US', 'EP')
            and ref_area = 'WLD' and time_period = '2025'""",
        [RULE],
    )
    assert len(told) == 2
    for row in told:
        assert 0 < row["high_value_lower"] <= row["valid_inventions"] < row["high_value_upper"]
        assert row["valid_inventions"] < 20 < 50 < row["valid_inventions_upper"]
        assert row["pledge_gross"] == row["award_gross"] == 0
    # Nor in any span: unknown since ever and for ever, one span a patent.
    kept = wr.fetch(
        built,
        """select state, count(*) as spans from fct_patent_condition
        where rule_version = ? and condition in ('pledge', 'award') group by state""",
        [RULE],
    )
    assert [(r["state"], r["spans"]) for r in kept] == [("unknown", 2 * len(patents))]
