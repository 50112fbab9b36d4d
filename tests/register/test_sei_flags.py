"""An office's own flags: which rows come of which bytes, and what a contract says of bad ones.

Here: pipelines/sources/sei_flags. Not here: which flag wins (test_sei.py).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.base import polars_schema, split
from contracts.sei_flags import Flag
from pipelines import ingest
from pipelines.landing import Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.source import Notes, SourceFormatError
from pipelines.sources.sei_flags import SOURCE, stream


def _rows(text: str | bytes, notes: Notes | None = None) -> pl.DataFrame:
    content = text if isinstance(text, bytes) else text.encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flags.csv"
        path.write_bytes(content)
        batches = list(stream(path, "inbox/sei_flags/flags.csv", notes or Notes()))
    assert {table for table, _ in batches} == {"flag"}
    return pl.concat(frame for _, frame in batches)


def test_flags_of_every_spelling() -> None:
    frame = _rows(
        "\ufeffApplication_Number,publication_number,SEI_code,flag,note\r\n"
        "ZL202011172919.0,,1.2,是,x\r\n"
        "202010966101.X,CN112256133A,1.2,TRUE,\r\n"
        ",112256133,,0,\r\n"
        'US15/458258,,9.2,no,"a, b"\r\n\r\n'
    )
    verdict = split(frame, Flag)
    assert verdict.failures.is_empty()
    assert verdict.accepted.rows() == [
        ("CN", "CN202011172919", None, "1.2", True, False, 2),
        ("CN", "CN202010966101", "112256133", "1.2", True, False, 3),
        ("CN", None, "112256133", None, False, False, 4),
        ("US", "US15458258", None, "9.2", False, False, 5),
    ]


def test_columns_left_out_are_named() -> None:
    notes = Notes()
    frame = _rows("application_number,flag,zz,title\n", notes)
    assert notes.unread == ["zz", "title"]
    assert notes.lacks == ["publication_number", "office", "sei_code"]
    assert frame.is_empty()
    assert frame.columns == list(polars_schema(Flag))


def test_simulated_flags_are_kept_out_and_the_office_can_be_told() -> None:
    frame = _rows(
        "office,application_number,flag,is_simulated\n"
        "EP,10167109.7,1,\n,202011172919.0,1,false\n,98123456.9,1,true\n"
    )
    verdict = split(frame, Flag)
    assert verdict.accepted.select("office", "application_number", "is_simulated").rows() == [
        ("EP", "EP10167109", False),
        ("CN", "CN202011172919", False),
    ]
    assert verdict.failures.select("raw_row", "column", "value").rows() == [
        (4, "is_simulated", "true")
    ]


def test_bad_rows_are_rejected_by_their_values() -> None:
    frame = _rows(
        "application_number,publication_number,sei_code,flag\n"
        "202011172919.5,,1.2,true\n"  # wrong check digit
        "202011172919.0,,1.9,true\n"  # no such code
        "202011172919.0,,,perhaps\n"
        "202011172919.0,,,\n"
        ",,1.2,true\n"
        "202010966101.X,,1.1,true\n"  # the same flag twice, and it contradicts itself
        "CN202010966101X,,1.1,false\n"
    )
    verdict = split(frame, Flag)
    assert verdict.accepted.is_empty()
    named = verdict.failures.group_by("raw_row", maintain_order=True).first()
    assert named.select("raw_row", "column", "value").rows()[:4] == [
        (2, "application_number", "202011172919.5"),
        (3, "sei_code", "1.9"),
        (4, "is_sei", "perhaps"),
        (5, "is_sei", None),
    ]
    assert named["check"].to_list()[4:] == [
        "names_its_patent",
        *["unique(office, application_number, publication_number, sei_code)"] * 2,
    ]


def test_a_malformed_line_is_kept_out_alone() -> None:
    for line, fault in (("1,2,3", "3 cells"), ("1", "1 cells"), ('"1,2,true', "quotes that")):
        frame = _rows(f"application_number,flag\n{line}\n202011172919.0,true\n")
        verdict = split(frame, Flag)
        assert verdict.accepted.select("application_number", "raw_row").rows() == [
            ("CN202011172919", 3)
        ]
        office = verdict.failures.filter(column="office")
        assert office["raw_row"].to_list() == [2]
        assert fault in office["value"][0]


def test_a_file_as_spreadsheets_of_chinese_offices_write_it() -> None:
    frame = _rows("application_number,flag,备注\n202011172919.0,是,电池\n".encode("gb18030"))
    assert split(frame, Flag).accepted["is_sei"].to_list() == [True]


def test_a_file_that_lost_its_rows_does_not_take_the_flags_away(tmp_path: Path) -> None:
    home = Settings(home=tmp_path)
    path = home.inbox / "sei_flags" / "flags.csv"
    path.parent.mkdir(parents=True)
    for text, outcome in (("202011172919.0,1\n", "landed"), ("", "refused")):
        path.write_text("application_number,flag\n" + text)
        ingest.collect(SOURCE, home, live=False)
        (done,) = ingest.land(SOURCE, home)
        assert done.outcome == outcome
    assert Landing(SOURCE, RawStore(home.raw), home.landed).accepted("flag").height == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1: no column is named application_number or publication_number"),
        (b"application_number,sei_code\n", "line 1: no column is named flag"),
        (b"sei_code,flag\n", "line 1: no column is named application_number"),
        (b"flag,flag,application_number\n", "columns that stand twice: flag"),
    ],
)
def test_other_bytes_are_refused_by_name_and_place(content: bytes, says: str) -> None:
    with pytest.raises(SourceFormatError, match=says) as raised:
        _rows(content)
    assert str(raised.value).startswith("flags.csv")


_CELL = st.text(st.characters(exclude_characters='",\r\n', codec="utf-8"), max_size=12)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_else(content: bytes) -> None:
    try:
        frame = _rows(b"application_number,flag\n" + content)
    except SourceFormatError:
        return
    verdict = split(frame, Flag)
    assert verdict.accepted.height + verdict.rejected.height == frame.height


@given(st.lists(st.tuples(_CELL, _CELL, _CELL, _CELL), max_size=5))
def test_no_row_vanishes(rows: list[tuple[str, ...]]) -> None:
    lines = [",".join(("1" + first, *rest)) for first, *rest in rows]
    frame = _rows("\n".join(["application_number,publication_number,sei_code,flag", *lines]))
    assert frame["raw_row"].to_list() == list(range(2, len(rows) + 2))
    verdict = split(frame, Flag)
    assert verdict.accepted.height + verdict.rejected.height == len(rows)
