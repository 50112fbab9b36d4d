"""Numbers and names of tables by province, for any spelling."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from contracts.regions import PROVINCES, area, area_name, country
from pipelines.regional import number, unit_by_size
from pipelines.sheets import address

BLANKS = st.text(alphabet=" \t\n\u3000\u00a0", max_size=3)
GROUPS = ("全国", "东部地区", "港澳台", "其他", "国外")


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=3), BLANKS, BLANKS)
def test_a_printed_number_keeps_its_value(value: Decimal, before: str, after: str) -> None:
    assert number(f"{before}{value:f}{after}") == value
    if value >= 0:
        assert number(f"{before}{value:,f}{after}") == value


@given(st.floats(min_value=-1e15, max_value=1e15))
def test_a_number_cell_keeps_its_value(value: float) -> None:
    read = number(value)
    assert read is not None
    assert float(read) == value


@given(st.text(max_size=12))
def test_no_other_text_is_a_number(text: str) -> None:
    read = number(text)
    if read is not None:
        plain = text.strip().replace(",", "")
        assert plain.isascii()
        assert Decimal(plain) == read


@given(st.sampled_from([*map(area_name, PROVINCES), *GROUPS]), st.data())
def test_blanks_inside_a_name_do_not_matter(name: str, data: st.DataObject) -> None:
    spaced = "".join(letter + data.draw(BLANKS) for letter in name)
    assert area(spaced) == area(name) is not None


@given(st.text(max_size=6))
def test_a_name_is_known_or_none(name: str) -> None:
    """No near miss counts: what is known is a name of the table, whatever its blanks and width."""
    code = area(name)
    if code is not None:
        assert code in {*PROVINCES, "CN-HK", "CN-MO", "CN-TW"} or code.isalpha()
        plain = "".join(unicodedata.normalize("NFKC", name).split()).casefold()
        assert area(plain) == code
        assert area(plain[:-1]) != code or len(plain) > 2


@given(st.sampled_from(PROVINCES), st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF))
def test_another_letter_makes_an_unknown_name(code: str, letter: str) -> None:
    name = area_name(code)
    wrong = name[0] + letter + name[2:]
    assert area(wrong) in (None, code) or area_name(str(area(wrong))) == wrong
    if letter not in name and area(wrong) == code:
        assert wrong == name


def test_provinces_and_countries_are_told_apart() -> None:
    assert len(PROVINCES) == len(set(PROVINCES)) == 31
    assert {area(area_name(code)) for code in PROVINCES} == set(PROVINCES)
    assert (area("Tibet"), area("Xizang"), area("InnerMongolia")) == ("CN-XZ", "CN-XZ", "CN-NM")
    assert (area("深圳"), area("大连"), area("新疆生产建设兵团")) == (None, None, None)
    assert (country("荷 兰"), country("中国"), country("台湾")) == ("NL", None, None)


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_addresses_are_those_of_spreadsheets(row: int, column: int) -> None:
    text = address(row, column)
    letters = text.rstrip("0123456789")
    value = 0
    for letter in letters:
        value = value * 26 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(letter) + 1
    assert (value - 1, int(text.removeprefix(letters)) - 1) == (column, row)


def test_a_unit_by_size_is_the_only_one_that_fits() -> None:
    assert unit_by_size("cn_gdp", [412119.3]) == "亿元"
    assert unit_by_size("cn_gdp", [41211930000000]) == "元"
    assert unit_by_size("cn_rd_intensity", [2.44]) == "%"
    assert unit_by_size("cn_resident_population", [141212, 1412120000]) == ""
    assert unit_by_size("cn_patent_grants_total", [3532282]) == ""
