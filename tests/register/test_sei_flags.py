"""An office's own flags: which rows come of which bytes, and what a contract says of bad ones.

Here: pipelines/sources/sei_flags. Not here: which flag wins (test_sei.py).
"""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.base import polars_schema, split
from contracts.sei_flags import Flag
from pipelines.source import Payload, SourceFormatError
from pipelines.sources.sei_flags import SOURCE, parse


def _rows(text: str | bytes) -> pl.DataFrame:
    content = text if isinstance(text, bytes) else text.encode()
    return parse(Payload(content, "flags.csv")).tables["flag"]


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
    parsed = parse(Payload(b"application_number,flag,zz,title\n", "flags.csv"))
    assert parsed.notes == ("columns left out: zz, title",)
    assert parsed.tables["flag"].is_empty()
    assert parsed.tables["flag"].columns == list(polars_schema(Flag))


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


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1: the header must name flag"),
        (b"application_number,sei_code\n", "line 1: the header must name flag"),
        (b"sei_code,flag\n", "line 1: the header must name flag"),
        (b"flag,flag,application_number\n", "each column once"),
        (b"application_number,flag\n1,2,3\n", "record 2: 3 cells, the header has 2"),
        (b"application_number,flag\n\n1\n", "record 3: 1 cells"),
        (b'application_number,flag\n"1,true\n', "line 2"),
        ("申请号".encode("gbk"), "byte 0 is not UTF-8; save the file as UTF-8"),
    ],
)
def test_other_bytes_are_refused_by_name_and_place(content: bytes, says: str) -> None:
    with pytest.raises(SourceFormatError, match=says) as raised:
        _rows(content)
    assert str(raised.value).startswith("flags.csv")


_CELL = st.text(st.characters(exclude_characters='",\r\n', codec="utf-8"), max_size=12)


@given(
    st.binary(max_size=60)
    | st.lists(st.tuples(_CELL, _CELL, _CELL, _CELL)).map(
        lambda rows: "\n".join(
            ["application_number,publication_number,sei_code,flag", *map(",".join, rows)]
        ).encode()
    )
)
def test_no_bytes_raise_anything_else_and_no_row_vanishes(content: bytes) -> None:
    try:
        frame = _rows(content)
    except SourceFormatError:
        return
    assert frame.height == content.decode().count("\n") or not frame.height
    verdict = split(frame, SOURCE.tables["flag"])
    assert verdict.accepted.height + verdict.rejected.height == frame.height
