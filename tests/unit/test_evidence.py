"""From a row's number back to its record, in every way in which text files are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.evidence import RECORD, Bytes, bytes_of
from pipelines.raw_store import RawStore

LINES = ["a,b", "1,甲", '2,"two', 'lines"', "3,é"]


def stored(tmp_path: Path, content: bytes, row: int, adapter: str = "google_patents") -> Bytes:
    store = RawStore(tmp_path)
    digest, _ = store.put(content)
    return bytes_of(store, digest, row, adapter)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_record_is_found_however_its_file_is_written(
    tmp_path: Path, end: str, encoding: str
) -> None:
    content = end.join([*LINES, ""]).encode(encoding)
    found = [stored(tmp_path, content, row, "awards") for row in (1, 2, 3, 5)]
    assert [one.record for one in found] == ["a,b", "1,甲", f'2,"two{end}lines"', "3,é"]
    assert {one.state for one in found} == {"verified"}


def test_bytes_of_no_known_encoding_stay_visible(tmp_path: Path) -> None:
    assert stored(tmp_path, b"a\nx\x93AB\n", 2).record == "x\\x93AB"


def test_a_quote_in_json_opens_nothing(tmp_path: Path) -> None:
    assert stored(tmp_path, b'{"a": "5\\""}\n{"a": 1}\n', 1).record == '{"a": "5\\""}'


def test_a_long_record_is_cut(tmp_path: Path) -> None:
    found = stored(tmp_path, b"x" * (RECORD + 1), 1)
    assert (found.record, found.is_cut) == ("x" * RECORD, True)
    open_quote = b'"' + b"y\n" * 10 * RECORD
    assert len(stored(tmp_path, open_quote, 1).record or "") == RECORD


def test_a_line_that_is_not_there_is_said(tmp_path: Path) -> None:
    found = stored(tmp_path, b"a\n", 2)
    assert (found.record, found.state) == (None, "verified")
    assert "has no line 2" in (found.message or "")


@pytest.mark.parametrize(
    ("head", "place"),
    [
        (b"PK\x03\x04", "record 7 of the data file in the zip"),
        (b"PAR1", "record 7 of the Parquet file"),
        (b'\xef\xbb\xbf <?xml version="1.0"?>', "record 7 of the XML file"),
    ],
)
def test_other_formats_have_a_place_and_no_line(tmp_path: Path, head: bytes, place: str) -> None:
    found = stored(tmp_path, head + b"\n" * 9, 7)
    assert (found.place, found.record) == (place, None)
