"""Numbers of patents: every spelling of a number is one number, and a wrong one stays visible."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import kind_codes
from contracts.base import split
from contracts.patent_numbers import (
    CN_APPLICATION,
    application_number,
    application_numbers,
    cn_check_digit,
    ep_check_digit,
    named,
    publication,
    publications,
)
from contracts.patent_register import APPLICATION_NUMBER, PUBLICATION_NUMBER, TABLES

NEW = st.builds(
    "{}{}{:07d}".format,
    st.integers(2004, 2026),
    st.sampled_from("12389"),
    st.integers(0, 9_999_999),
)
OLD = st.builds(
    "{}{}{:05d}".format,
    st.sampled_from([*range(85, 100), "00", "01", "02", "03"]),
    st.sampled_from("12389"),
    st.integers(0, 99_999),
)


def _weighed(digits: str) -> str:
    """Check digit by the standard's own table, written out a second time."""
    weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5][: len(digits)]
    rest = sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


@given(NEW | OLD)
def test_every_spelling_of_a_chinese_application_is_one_number(digits: str) -> None:
    check = cn_check_digit(digits)
    assert check == _weighed(digits)
    year = digits[:4] if len(digits) == 12 else digits[:2]
    rest = digits[len(year) :]
    for text in (
        f"CN{digits}.{check}",
        f"CN{digits}",
        f"{digits}.{check}",
        f"{digits}{check}",
        f"ZL{digits}.{check}",
        f"ZL {year} {rest[0]} {rest[1:]}.{check}",
        f"CN {digits} A",
        f"CN-{digits}-A",
        f"CN{digits}A",
        f"CN{digits}{check}",
        f"cn{digits}.{check}".lower(),
        "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in f"CN{digits}.{check}"),
    ):
        assert application_number("CN", text) == f"CN{digits}", text


@given(NEW | OLD, st.sampled_from("0123456789X"))
def test_a_wrong_check_digit_leaves_the_number_as_published(digits: str, check: str) -> None:
    right = check == cn_check_digit(digits)
    for text in (f"CN{digits}.{check}", f"CN{digits}{check}"):
        read = application_number("CN", text)
        assert read == (f"CN{digits}" if right else text)
        assert (re.fullmatch(CN_APPLICATION, read or "") is not None) == right


@given(st.text(max_size=30) | st.text(alphabet="CNZLUSEPWO0123456789.-/ AX", max_size=24))
def test_any_text_is_a_number_or_stays_as_published(text: str) -> None:
    for office in ("CN", "US", "EP", "WO", "JP", ""):
        read = application_number(office, text)
        assert (read is None) == (not text.strip())
        if read is not None and read != text.strip():
            assert re.fullmatch(APPLICATION_NUMBER, read) or office == ""
    office_, number, _ = publication(text)
    if office_ is not None:
        assert re.fullmatch(PUBLICATION_NUMBER, number or "")
    else:
        assert number == (text.strip() or None)
    named(text)


@given(
    st.lists(
        NEW.map(lambda d: f"CN{d}.{cn_check_digit(d)}")
        | NEW.map(lambda d: f"CN{d}.0")
        | OLD
        | st.sampled_from(["US 201715458258 A", "PCT/CN2020/123456", "", "X", "EP10167109.7"])
        | st.none()
        | st.text(max_size=12),
        max_size=20,
    )
)
def test_columns_agree_with_single_texts(texts: list[str | None]) -> None:
    for office in ("CN", "US", None):
        column = application_numbers(
            pl.Series([office] * len(texts), dtype=pl.String), pl.Series(texts, dtype=pl.String)
        )
        assert column.to_list() == [application_number(office or "", text) for text in texts]
    assert publications(pl.Series(texts, dtype=pl.String)).rows() == [publication(t) for t in texts]


@pytest.mark.parametrize(
    ("office", "text", "expected"),
    [
        ("US", "US 201715458258 A", "US15458258"),
        ("US", "US-201715458258-A", "US15458258"),
        ("US", "15/458,258", "US15458258"),
        ("US", "15458258", "US15458258"),
        ("US", "9/123,456", "US09123456"),
        ("US", "US 93109611 A", "US20110931096"),  # the series (12 or 13) is not told
        ("US", "US-87124404-A", "US20040871244"),
        ("US", "US20100942680", "US20100942680"),  # EPODOC of 94268010 A
        ("US", "94268010 A", "US20100942680"),
        ("US", "29/580,234", "US29580234"),
        ("EP", "EP 10167109 A", "EP10167109"),
        ("EP", "10167109.7", "EP10167109"),
        ("EP", "EP20100167109", "EP10167109"),
        ("EP", "10167109.3", "10167109.3"),
        ("WO", "PCT/CN2020/123456", "WOCN2020123456"),
        ("WO", "CN-2020123456-W", "WOCN2020123456"),
        ("WO", "PCT/US99/12345", "WOUS1999012345"),
        ("WO", "US 9912345 W", "WOUS1999012345"),
        ("WO", "WO2020CN123456", "WOCN2020123456"),
        ("CN", "PCT/CN2020/123456", "WOCN2020123456"),
        ("JP", "JP 2018123456 A", "JP2018123456"),
        ("JP", "特願2018-123456", "特願2018-123456"),
        ("CN", "20201117291", "20201117291"),  # a digit is lost
        ("CN", "102019000302430", "102019000302430"),  # does not tell whether it is from the PCT
        ("CN", "CN202041172919", "CN202041172919"),  # 4: no kind of right
        ("CN", None, None),
    ],
)
def test_applications_of_other_offices_and_odd_ones(
    office: str, text: str | None, expected: str | None
) -> None:
    assert application_number(office, text) == expected


def test_the_epo_check_digit_is_the_one_in_its_own_answers() -> None:
    assert ep_check_digit("10167109") == "7"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CN112256133A", ("CN", "112256133", "A")),
        ("CN 112313044 A", ("CN", "112313044", "A")),
        ("CN-206156807-U", ("CN", "206156807", "U")),
        ("CN85100312A", ("CN", "85100312", "A")),
        ("CN1719946A", ("CN", "1719946", "A")),
        ("US 2025/0100135 A1", ("US", "20250100135", "A1")),
        ("US-2018186718-A1", ("US", "20180186718", "A1")),
        ("US9833479B2", ("US", "9833479", "B2")),
        ("US 9,833,479 B2", ("US", "9833479", "B2")),
        ("US RE049461 E", ("US", "RE49461", "E")),
        ("WO 2025/062342 A1", ("WO", "2025062342", "A1")),
        ("WO-03067954-A1", ("WO", "2003067954", "A1")),
        ("WO 99/12345 A1", ("WO", "1999012345", "A1")),
        ("EP 4155036 A1", ("EP", "4155036", "A1")),
        ("EP-2345-A1", ("EP", "0002345", "A1")),
        ("JP H06126660 A", ("JP", "H06126660", "A")),
        ("JPWO2019130429A1", ("JP", "WO2019130429", "A1")),
        ("TW I872028 B", ("TW", "I872028", "B")),
        ("SG-11201808847Q-A", ("SG", "11201808847Q", "A")),
        ("SG11201808847Q", ("SG", "11201808847Q", None)),
        ("IN-2014CN03792-A", ("IN", "2014CN03792", "A")),
        ("AU 2023/216831 B2", ("AU", "2023216831", "B2")),
        ("US12506212", ("US", "12506212", None)),
        ("112256133A", (None, "112256133A", None)),
        ("CN", (None, "CN", None)),
        ("", (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_publications(text: str | None, expected: tuple[str | None, ...]) -> None:
    assert publication(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ZL202011172919.0", ("CN", "CN202011172919", None, None)),
        ("202011172919.0", ("CN", "CN202011172919", None, None)),
        ("CN202011172919.0", ("CN", "CN202011172919", None, None)),
        ("CN112256133B", ("CN", None, "112256133", "B")),
        ("CN112256133", ("CN", None, "112256133", None)),
        ("CN1719946C", ("CN", None, "1719946", "C")),
        ("ZL98123456.9", ("CN", "CN98123456", None, None)),
        ("CN981234569", ("CN", "CN98123456", None, None)),
        ("CN85100312A", ("CN", "CN85100312", "85100312", "A")),
        ("US 9,833,479 B2", ("US", None, "9833479", "B2")),
        ("ZL202011172919.5", ("CN", "ZL202011172919.5", None, None)),
        ("见附件", (None, None, "见附件", None)),
        (None, (None, None, None, None)),
    ],
)
def test_patents_as_lists_name_them(text: str | None, expected: tuple[str | None, ...]) -> None:
    assert tuple(named(text)) == expected


def test_the_contract_rejects_a_chinese_number_that_kept_its_wrong_check_digit() -> None:
    row = {
        "office": "CN",
        "publication_number": "112256133",
        "adapter": "cnipa_export",
        "is_simulated": False,
        "kind_code": "A",
        "ip_type": "invention",
        "priority_date": None,
        "filing_date": dt.date(2020, 10, 28),
        "publication_date": dt.date(2021, 1, 22),
        "grant_date": None,
        "title": None,
        "applicants": None,
        "legal_status_as_published": None,
        "family_id": None,
    }
    numbers = ["CN202011172919", "CN2020111729191", "CN202011172919.1", "CN85100312", "US15458258"]
    frame = pl.DataFrame(
        [{**row, "application_number": n, "raw_row": i} for i, n in enumerate(numbers, start=2)]
    )
    assert set(split(frame, TABLES["patent"]).rejected["raw_row"]) == {3, 4}


@pytest.mark.parametrize(
    ("office", "kind", "day", "right", "granted"),
    [
        ("CN", "A", "2021-01-22", "invention", False),
        ("CN", "B", "2021-01-29", "invention", True),
        ("CN", "B", "1990-01-03", "invention", False),  # examined, open to opposition
        ("CN", "C", "2005-06-01", "invention", True),
        ("CN", "C1", "2015-06-01", "invention", False),
        ("CN", "B8", "2015-06-01", "invention", False),
        ("CN", "U", "2020-08-14", "utility_model", True),
        ("CN", "Y", "2005-06-01", "utility_model", True),
        ("CN", "S", "2020-08-14", "design", True),
        ("CN", "D", "2005-06-01", "design", True),
        ("WO", "A1", "2020-08-14", "invention", False),
        ("CN", "Q", "2020-08-14", None, False),
        ("CN", None, "2020-08-14", None, False),
        ("CN", "B", None, "invention", False),
    ],
)
def test_kinds(
    office: str, kind: str | None, day: str | None, right: str | None, granted: bool
) -> None:
    assert kind_codes.ip_type(office, kind) == right
    assert kind_codes.is_grant(office, kind, day) == granted
