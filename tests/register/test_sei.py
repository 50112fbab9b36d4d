"""Industries and technology fields by IPC: the seeds, and the SQL that matches symbols to them.

The macros and models are rendered by dbt and run by DuckDB, on the seeds, on made-up rules, and on
the reference files a user may drop. Held against a matcher of the test's own that reads patterns
one by one, and against the pairs of the second transcription. Not here: reading symbols
(test_ipc.py).
"""

import csv
import datetime as dt
import json
import re
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import warehouse_runs as wr
from hypothesis import given, settings
from hypothesis import strategies as st
from sei_by_hand import Rule, industries, rules_of_table

from contracts.ipc import normalise
from contracts.ipc_reference import GREEN_LISTS
from contracts.sei_flags import SEI_CODES
from pipelines import ingest, landed_files
from pipelines.build import DBT_PROJECT
from pipelines.settings import Settings
from pipelines.sources import all_sources

MODELS = [
    "sei_codes",
    "sei_ipc_rules",
    "wipo_technology",
    "int_sei__pattern",
    "int_technology__pattern",
    "+int_ipc__ancestor",
    "stg_ipc__green",
    "stg_sei_flags__flag",
]
MACROS = ("sei_of_symbols", "technology_of_symbols", "ipc_reference_of_symbols")
States = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Rendered:
    """A database built by dbt, and the SQL of macros and models as dbt renders it for that file."""

    database: Path
    macros: dict[str, str]
    models: dict[str, str]

    def ask(self, macro: str, symbols: Iterable[str | None]) -> list[wr.Row]:
        """The rows of a macro on these symbols."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return _ask(connection, self.macros[macro], symbols)

    def states(self, symbols: Iterable[str]) -> States:
        """State by symbol and industry code."""
        return _states(self.ask("sei_of_symbols", symbols))


def _ask(
    connection: duckdb.DuckDBPyConnection, sql: str, symbols: Iterable[str | None]
) -> list[wr.Row]:
    connection.execute("create or replace temp table probe (ipc_symbol varchar)")
    connection.execute("insert into probe select unnest(?::varchar[])", [list(symbols)])
    return wr.fetch(connection, sql)


def _states(rows: list[wr.Row]) -> States:
    states: States = defaultdict(dict)
    for row in rows:
        assert row["sei_code"] not in states[row["ipc_symbol"]]
        states[row["ipc_symbol"]][row["sei_code"]] = row["state"]
    return states


def _render(home: Path, dropped: dict[str, list[Path]]) -> Rendered:
    """Land what is dropped, by source and folder, build the models, and render the macros."""
    config = Settings(home=home, evaluation_date=dt.date(2026, 11, 22))
    for folder, paths in dropped.items():
        inbox = config.inbox / folder
        inbox.mkdir(parents=True)
        for path in paths:
            shutil.copy(path, inbox)
    for source_id in ("ipc", "sei_flags"):
        source = all_sources()[source_id]
        ingest.collect(source, config, live=False)
        assert {done.outcome for done in ingest.land(source, config)} <= {"landed"}
        landed_files.ensure_tables(config.landed, source)
    database = home / "models.duckdb"
    wr.dbt(home, database, "build", "--select", *MODELS, day=config.evaluation_date)
    inline = " ;;; ".join(f"{{{{ {macro}('probe') }}}}" for macro in MACROS)
    asked = ("--quiet", "compile", "--inline", inline)
    rendered = wr.dbt(home, database, *asked, day=config.evaluation_date)
    compiled = home / "target" / "compiled" / "ip_warehouse" / "models"
    return Rendered(
        database,
        dict(zip(MACROS, rendered.split(";;;"), strict=True)),
        {path.stem: path.read_text() for path in compiled.glob("intermediate/*.sql")},
    )


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """The seeds alone: nothing was dropped."""
    return _render(tmp_path_factory.mktemp("bare"), {})


@pytest.fixture(scope="session")
def equipped(
    tmp_path_factory: pytest.TempPathFactory, shared_path: Callable[[str], Path]
) -> Rendered:
    """With the IPC tree and the green lists, and an office's flags in two releases."""
    files = tmp_path_factory.mktemp("flags")
    older, newer = files / "older.csv", files / "newer.csv"
    older.write_text(
        "application_number,publication_number,sei_code,flag\n"
        "CN202011172919.0,,1.2,true\nCN202011172919.0,,1.3,true\n,CN112256133A,,true\n"
    )
    newer.write_text("application_number,sei_code,flag\n202011172919.0,1.2,false\n")
    tree = [shared_path(f"data/ipc_scheme/ipc_class_{s}.json") for s in "bcdefgh"]
    lists = [shared_path(f"data/green_ipc/{n}.csv") for n in ("IPC_green_codes", "ENVTECH_univoco")]
    return _render(
        tmp_path_factory.mktemp("equipped"),
        {
            "ipc": [*tree, *lists],
            "sei_flags/2025-01-31": [older],
            "sei_flags/2026-01-31": [newer],
        },
    )


# The seeds are what was transcribed.


def _tsv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def _seed(name: str) -> list[dict[str, str]]:
    return wr.read_csv(DBT_PROJECT / "seeds" / f"{name}.csv")


def test_the_rules_are_the_transcribed_ones_without_their_keyword_texts(
    shared_path: Callable[[str], Path],
) -> None:
    transcribed = _tsv(shared_path("data/sei_ipc/sei_ipc_rules.tsv"))
    seeded = _seed("sei_ipc_rules")
    assert [
        (r["sei_code"], r["rule_no"], r["ipc_include"], r["ipc_exclude"], r["is_keyword_limited"])
        for r in seeded
    ] == [
        (
            r["sei_code"],
            r["rule_no"],
            r["ipc_include"],
            r["ipc_exclude"],
            {"yes": "true", "no": "false"}[r["keyword_restriction"]],
        )
        for r in transcribed
    ]
    assert Counter(r["is_keyword_limited"] for r in seeded) == {"true": 288, "false": 23}
    text = (DBT_PROJECT / "seeds" / "sei_ipc_rules.csv").read_text(encoding="utf-8")
    assert text.isascii(), "the keyword texts stay where they are"
    doubtful = {(r["sei_code"], r["rule_no"]): r["caveat"] for r in seeded}
    assert "H03M13" in doubtful["1.3", "5"]
    assert "G16H" in doubtful["1.5", "7"]
    assert "A61L12" in doubtful["4.2", "1"]
    yaml = (DBT_PROJECT / "seeds" / "_ipc__seeds.yml").read_text(encoding="utf-8")
    assert "国知办函规字〔2021〕121号" in yaml


def test_the_codes_are_the_transcribed_ones_and_those_of_the_flags(
    shared_path: Callable[[str], Path],
) -> None:
    codes = _seed("sei_codes")
    assert codes == _tsv(shared_path("data/sei_ipc/sei_codes.tsv"))
    assert [row["sei_code"] for row in codes] == SEI_CODES
    assert len({row["l1_code"] for row in codes}) == 9
    assert {row["sei_code"] for row in _seed("sei_ipc_rules")} == set(SEI_CODES)


def test_the_technology_fields_are_wipos(shared_path: Callable[[str], Path]) -> None:
    with shared_path("data/ipc_technology/ipc_technology.csv").open(
        encoding="utf-8-sig", newline=""
    ) as stream:
        published = {
            (r["Field_number"], r["Sector_en"], r["Field_en"], re.sub("[ /%]", "", r["IPC_code"]))
            for r in csv.DictReader(stream)
        }
    seeded = {
        (r["field_number"], r["sector"], r["field"], pattern.removesuffix("*"))
        for r in _seed("wipo_technology")
        for pattern in r["ipc_include"].split(";")
    }
    assert seeded == published
    assert [r["field_number"] for r in _seed("wipo_technology")] == [str(n) for n in range(1, 36)]
    assert Counter(r["sector"] for r in _seed("wipo_technology")) == {
        "Electrical engineering": 8,
        "Instruments": 5,
        "Chemistry": 11,
        "Mechanical engineering": 8,
        "Other fields": 3,
    }


# The SQL against the reading of the rules one by one.


def _tree(section: str, path: Path) -> list[str]:
    symbols: list[str] = []
    stack = [json.loads(path.read_text())]
    while stack:
        entry = stack.pop()
        stack += entry.get("children") or []
        symbol = normalise(entry["symbol"])
        if symbol and entry["kind"] not in "ngi":
            symbols.append(symbol)
    return sorted(symbols)


def test_the_sql_agrees_with_reading_the_rules_one_by_one(
    bare: Rendered, shared_path: Callable[[str], Path]
) -> None:
    rules = rules_of_table()
    written = {
        p.removesuffix("*") for _, _, include, exclude, _ in rules for p in include + exclude
    }
    symbols = {s for s in written if len(s) in (3, 4) or "/" in s}
    symbols |= {f"{s}/00" for s in written if "/" not in s and len(s) > 4}
    symbols |= {f"{s}5/00" for s in written if "/" not in s and len(s) > 4}
    symbols |= set(_tree("G", shared_path("data/ipc_scheme/ipc_class_g.json"))[::20])
    found: dict[str, dict[str, tuple[str, int]]] = defaultdict(dict)
    for row in bare.ask("sei_of_symbols", symbols):
        found[row["ipc_symbol"]][row["sei_code"]] = (row["state"], row["rule_no"])
    assert len(symbols) > 3_000
    for symbol in symbols:
        assert found[symbol] == industries(rules, symbol), symbol


def test_hand_worked_symbols(bare: Rendered) -> None:
    states = bare.states(
        [
            *("F03G6/00", "F03G6/02", "F03D1/06", "F03D13/10", "G08G1/01", "G08G1/015"),
            *("H03M13/00", "H03M13/09", "G16H", "G16H10/60", "G16B20/00"),
            *("G06F11/14", "G06F11/07", "C10L5/44", "C10L5/46", "A99Z99/00", "H04"),
        ]
    )
    # An exclusion of a main group's own symbol leaves its subgroups in.
    assert "6.3" not in states["F03G6/00"]
    assert states["F03G6/02"]["6.3"] == "true"
    # F03D1* is main group 1, not main group 13.
    assert states["F03D1/06"]["6.2"] == "true"
    assert states["F03D13/10"].get("6.2") != "true"
    # Without * a symbol is itself, not its subgroups: 1.2 has G08G1/01, 1.3 has G08G1* without it.
    assert states["G08G1/01"]["1.2"] == "unknown"
    assert "1.2" not in states["G08G1/015"]
    assert states["G08G1/015"]["1.3"] == "unknown"
    # The two symbols printed without *: the main group's own symbol, the subclass's own symbol.
    assert (states["H03M13/00"]["1.3"], "1.3" in states["H03M13/09"]) == ("unknown", False)
    assert (states["G16H"]["1.5"], "1.5" in states["G16H10/60"]) == ("unknown", False)
    # A class (G16*) covers its subclasses, one of which this rule takes out; another rule has it.
    assert states["G16H10/60"]["1.3"] == "unknown"
    assert "1.3" not in states["G16B20/00"]
    assert states["G16B20/00"]["4.2"] == "true"
    # What one rule takes out another may bring in, by its own terms.
    assert states["G06F11/07"]["1.1"] == "true"
    assert states["G06F11/14"].get("1.1") != "true"
    assert states["G06F11/14"]["1.2"] == "unknown"
    # A rule without a limit decides over limited ones of the same code.
    assert states["C10L5/44"]["6.4"] == "true"
    assert states["C10L5/46"].get("6.4") != "true"
    # Nothing matches: no row. A class alone is in no rule of its subclasses.
    assert states["A99Z99/00"] == states["H04"] == {}


def test_no_symbol_no_row(bare: Rendered) -> None:
    assert bare.ask("sei_of_symbols", [None]) == bare.ask("sei_of_symbols", []) == []
    assert bare.ask("technology_of_symbols", [None]) == []
    # Symbols are distinct, however often the relation has them.
    once, twice = (bare.ask("sei_of_symbols", ["C10L5/44"] * n) for n in (1, 2))
    assert once == twice != []


def test_agreement_with_the_second_transcription(
    bare: Rendered, shared_path: Callable[[str], Path]
) -> None:
    pairs = [
        (normalise(row["ipc"]) or row["ipc"], row["sei_code"])
        for row in _tsv(shared_path("data/sei_ipc/check_pairs.tsv"))
    ]
    states = bare.states({symbol for symbol, _ in pairs})
    missed = Counter(
        (symbol.split("/")[0], code) for symbol, code in pairs if code not in states[symbol]
    )
    agreement = 1 - missed.total() / len(pairs)
    print(f"{agreement:.2%} of {len(pairs)} pairs agree; not: {dict(missed)}")
    assert agreement >= 0.97
    # Known: the second copy read exclusion lists that a page break had torn off as inclusions.
    assert {main for main, _ in missed} <= {"A61F13", "A61L101", "A61L2", "C11C1"}


_PATTERNS = st.from_regex(
    r"[GH]0[12]\*|[GH]0[12]A\*|[GH]0[12]A(1|11)\*|[GH]0[12]A(1|11)(/0[01])?|G01B", fullmatch=True
)
_SYMBOLS = st.from_regex(r"[GH]0[12](A((1|11|2)/0[01]1?)?)?|G01B", fullmatch=True)
_RULES = st.lists(
    st.tuples(
        st.sampled_from(["1.1", "1.2"]),
        st.lists(_PATTERNS, min_size=1, max_size=4, unique=True),
        st.lists(_PATTERNS, max_size=3, unique=True),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(_RULES, st.sets(_SYMBOLS, min_size=1, max_size=12))
def test_any_rules_are_read_as_the_readme_says(
    bare: Rendered, made: list[tuple[str, list[str], list[str], bool]], symbols: set[str]
) -> None:
    rules: list[Rule] = [
        (code, n, include, exclude, limited)
        for n, (code, include, exclude, limited) in enumerate(made, 1)
    ]
    with duckdb.connect() as connection:
        connection.execute(f"attach ':memory:' as {bare.database.stem}; use {bare.database.stem}")
        connection.execute("create schema reference; create schema intermediate")
        connection.execute(
            "create table reference.sei_ipc_rules (sei_code varchar, rule_no integer, "
            "ipc_include varchar, ipc_exclude varchar, is_keyword_limited boolean)"
        )
        connection.executemany(
            "insert into reference.sei_ipc_rules values (?, ?, ?, ?, ?)",
            [
                (code, n, ";".join(include), ";".join(exclude) or None, limited)
                for code, n, include, exclude, limited in rules
            ],
        )
        connection.execute(
            f"create table intermediate.int_sei__pattern as {bare.models['int_sei__pattern']}"
        )
        rows = _ask(connection, bare.macros["sei_of_symbols"], symbols)
    assert {(r["ipc_symbol"], r["sei_code"]): (r["state"], r["rule_no"]) for r in rows} == {
        (symbol, code): decided
        for symbol in symbols
        for code, decided in industries(rules, symbol).items()
    }


# Technology fields.


def test_a_symbol_has_at_most_one_technology_field(
    equipped: Rendered, shared_path: Callable[[str], Path]
) -> None:
    symbols = {
        symbol
        for section in "bcdefgh"
        for symbol in _tree(section, shared_path(f"data/ipc_scheme/ipc_class_{section}.json"))
    }
    rows = equipped.ask("technology_of_symbols", symbols)
    fields = {row["ipc_symbol"]: row["field_number"] for row in rows}
    assert len(fields) == len(rows)
    groups = {symbol for symbol in symbols if "/" in symbol}
    # Every group of the scheme has a field, but those of a subclass made after the concordance.
    assert {symbol[:4] for symbol in groups - fields.keys()} == {"G16Y"}
    # Pharmaceuticals and furniture are of section A alone, which is not in the tree at hand.
    assert {fields[s] for s in groups & fields.keys()} == set(range(1, 36)) - {16, 33}
    worked = {"H04N1/00": 3, "H04N19/94": 2, "H04N21/20": 4, "G01N33/48": 11, "G01N3/00": 10}
    worked |= {"B01D53/34": 24, "B01D61/08": 23, "G16H10/60": 13, "H01L21/02": 8}
    assert {symbol: fields[symbol] for symbol in worked} == worked
    # A subclass whose main groups are of different fields has none as a whole.
    assert "G01N" not in fields
    assert fields["H01L"] == 8


# Reference files that a user may drop.


def test_the_scheme_and_green_lists_say_what_a_symbol_is(equipped: Rendered) -> None:
    found = {
        row["ipc_symbol"]: row
        for row in equipped.ask(
            "ipc_reference_of_symbols",
            [
                "H01M8/02",
                "H01M8/0202",
                "H10K50/00",
                "A01H1/00",
                "A01B1/00",
                "C02F1/44",
                "H01M",
                None,
            ],
        )
    }
    assert None not in found
    fuel_cell = found["H01M8/0202"]
    assert (fuel_cell["ipc_level"], fuel_cell["parent_symbol"]) == (6, "H01M8/02")
    assert (found["H01M"]["ipc_level"], found["H01M"]["parent_symbol"]) == (3, "H01")
    # Made after the edition that was dropped: not in it, which is not the same as wrong.
    assert found["H10K50/00"]["is_in_scheme"] is False
    assert found["H10K50/00"]["is_wipo_green_by_hierarchy"] is None
    # Section A was not dropped: nothing is known, but the lists name what they name.
    assert found["A01H1/00"]["is_in_scheme"] is None
    assert (found["A01H1/00"]["is_wipo_green"], found["A01B1/00"]["is_wipo_green"]) == (True, False)
    # ENV-TECH names the subclass C02F whole, the Green Inventory does so too or not: by its rows.
    assert found["C02F1/44"]["is_oecd_env_tech"] is True
    assert found["H01M8/02"]["is_wipo_green"] is True


def test_without_reference_files_their_columns_are_null(bare: Rendered) -> None:
    (row,) = bare.ask("ipc_reference_of_symbols", ["H01M8/02"])
    assert row.pop("ipc_symbol") == "H01M8/02"
    assert set(row.values()) == {None}
    assert len(row) == 3 + 2 * len(GREEN_LISTS)


def test_ancestors_lead_to_the_section(equipped: Rendered) -> None:
    with duckdb.connect(str(equipped.database), read_only=True) as connection:
        above = connection.sql(
            "select ancestor from intermediate.int_ipc__ancestor "
            "where symbol = 'H01L21/8242' order by distance"
        ).fetchall()
        lost = connection.sql(
            "select count(*) from (select symbol from intermediate.int_ipc__ancestor "
            "group by symbol having max(length(ancestor) = 1) = false)"
        ).fetchall()
    names = [name for (name,) in above]
    assert names[0] == "H01L21/8242"
    assert names[-4:] == ["H01L21/00", "H01L", "H01", "H"]
    assert lost == [(0,)]


def test_the_newest_flag_stands(equipped: Rendered) -> None:
    with duckdb.connect(str(equipped.database), read_only=True) as connection:
        flags = connection.sql(
            "select coalesce(application_number, publication_number), sei_code, is_sei "
            "from staging.stg_sei_flags__flag order by all"
        ).fetchall()
    assert flags == [
        ("112256133", None, True),
        ("CN202011172919", "1.2", False),
        ("CN202011172919", "1.3", True),
    ]


def test_seventy_thousand_symbols_are_matched_in_two_seconds(bare: Rendered) -> None:
    symbols = [
        f"{section}{number:02}{letter}{main}/{sub:02}"
        for section in "ABCDEFGH"
        for number in range(1, 22)
        for letter in "ABCDEFGHJK"
        for main in range(1, 8)
        for sub in range(6)
    ]
    assert len(symbols) > 70_000
    with duckdb.connect(str(bare.database), read_only=True) as connection:
        _ask(connection, "select 1", symbols)
        for macro in ("sei_of_symbols", "technology_of_symbols"):
            began = time.perf_counter()
            rows = connection.execute(bare.macros[macro]).fetchall()
            took = time.perf_counter() - began
            print(f"{macro}: {len(symbols)} symbols, {len(rows)} rows, {took:.3f} s")
            assert rows
            assert took < 2
