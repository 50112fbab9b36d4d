"""Damage that files suffer, drawn by hypothesis: cut, flipped, spliced, repeated, re-encoded.

Here: from a sample to damaged bytes. Not here: samples (samples.py), what must come of them.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from samples import Sample

#: Pieces that parsers trip over: ends of text, marks, quotes, numbers that are none or too large,
#: dates out of the calendar, half of a surrogate pair, nesting.
NASTY: Final = (
    b"", b" ", b"\0", b"\x1a", b"\x1b[2J", b"\x7f", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3", b"\r",
    b"\n", b"\r\n\r\n", b"\t", b",", b";", b'"', b"'", b"\\", b"\\ud800", b"\\u0000",
    "\u2028".encode(), "\u200b".encode(), "１２３".encode(), "無".encode("utf-16"), b"NaN", b"nan",
    b"-inf", b"Infinity", b"1e999", b"-1e308", b"1e-400", b"-1", b"-0", b"0x10", b"1_000",
    b"9" * 400, b"9" * 5000, b"null", b"true", b"[]", b"{}", b"0000-00-00", b"0001-01-01",
    b"99999-12-31", b"2023-02-30", b"29991231", b"<!DOCTYPE x [<!ENTITY e 'ee'>]>&e;", b"&#0;",
    b"]]>", b"<x>", b"</x>", b"=1+1", b"[" * 3000, b"<a>" * 300, b"A" * 70_000,
)  # fmt: skip
#: Values of each kind that JSON knows, and some that few expect.
KINDS: Final[tuple[Any, ...]] = (
    None, True, 5, -1, 0.5, 10**400, float("nan"), "", "x", "\ud800", "5", [], {}, [5], [[]],
    {"a": 5}, ["x"], [None], {"value": {"value": {}}},
)  # fmt: skip
NAMES: Final = ("a.csv", "a.json", "../../a.xml", "/etc/a.csv", "a\0b", "数据.txt")
ENCODINGS: Final = ("utf-16", "utf-16-le", "utf-32", "gb18030", "latin-1", "utf-8-sig", "utf-7")


@st.composite
def damaged(draw: DrawFn, samples: Sequence[Sample], others: Sequence[Sample]) -> Sample:
    """A sample after one to three kinds of damage, mostly to what it says; `others` lend bytes."""
    sample = draw(st.sampled_from(samples))
    content = sample.content
    inside = TREE if sample.place.endswith((".json", ".js")) else INSIDE
    kinds = draw(st.sampled_from([inside, inside, inside, PLAIN, OUTSIDE]))
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        content = draw(st.sampled_from(kinds))(draw, content, others)
    return sample._replace(content=content)


def _at(draw: DrawFn, content: bytes) -> int:
    return draw(st.integers(0, len(content)))


def cut(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """The end is missing."""
    return content[: _at(draw, content)]


def headless(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """The beginning is missing."""
    return content[_at(draw, content) :]


def flipped(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """Single bits are wrong."""
    changed = bytearray(content)
    for _flip in range(draw(st.integers(1, 8)) if content else 0):
        changed[draw(st.integers(0, len(content) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(changed)


def spliced(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """A piece from the middle is missing."""
    start, end = sorted((_at(draw, content), _at(draw, content)))
    return content[:start] + content[end:]


def repeated(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """A piece stands twice, or many times."""
    start, end = sorted((_at(draw, content), _at(draw, content)))
    times = draw(st.integers(1, 3))
    return content[:start] + content[start:end] * times + content[start:]


def line_repeated(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """A line stands twice, somewhere."""
    lines = content.splitlines(keepends=True) or [b""]
    line = draw(st.sampled_from(lines))
    at = draw(st.integers(0, len(lines)))
    return b"".join([*lines[:at], line, *lines[at:]])


def planted(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """Something nasty stands between two bytes."""
    at = _at(draw, content)
    return content[:at] + draw(st.sampled_from(NASTY)) + content[at:]


def replaced(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """A number or a word is something nasty instead, or another word of the file."""
    words = list(re.finditer(rb"[0-9.]+|[\w-]+", content))
    if not words:
        return content
    word = draw(st.sampled_from(words))
    others = st.sampled_from(words).map(lambda other: other[0])
    instead = draw(st.sampled_from(NASTY) | others)
    return content[: word.start()] + instead + content[word.end() :]


def renamed(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """A word is another one wherever it stands: a column, an element, a unit."""
    words = sorted({word[0] for word in re.finditer(rb"[^\W\d][\w-]*", content)})
    if not words:
        return content
    word = draw(st.sampled_from(words))
    instead = draw(st.sampled_from([b"", b"x", b"X-1"]) | st.sampled_from(words))
    return re.sub(rb"(?<![\w-])" + re.escape(word) + rb"(?![\w-])", lambda _: instead, content)


def cell_replaced(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """What stands between two marks of the format (a cell, an element's text) is something else."""
    cells = list(re.finditer(rb"(?<=[>,;\t\"\n])[^<>,;\t\"\r\n]*(?=[<,;\t\"\r\n])", content))
    if not cells:
        return content
    cell = draw(st.sampled_from(cells))
    others = st.sampled_from(cells).map(lambda other: other[0])
    instead = draw(st.sampled_from(NASTY) | others)
    return content[: cell.start()] + instead + content[cell.end() :]


def recoded(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """The text in another encoding."""
    text = content.decode("utf-8", "replace")
    return text.encode(draw(st.sampled_from(ENCODINGS)), "replace")


def foreign(draw: DrawFn, _: bytes, others: Sequence[Sample]) -> bytes:
    """A file of another kind under this name."""
    return draw(st.sampled_from(others)).content


def grafted(draw: DrawFn, content: bytes, others: Sequence[Sample]) -> bytes:
    """The end is that of another file."""
    other = draw(st.sampled_from(others)).content
    return content[: _at(draw, content)] + other[_at(draw, other) :]


def zipped(draw: DrawFn, content: bytes, _: Sequence[Sample]) -> bytes:
    """In a zip, under a name that may try to climb out of it."""
    name = draw(
        st.sampled_from(["a.csv", "a.json", "../../a.xml", "/etc/a.csv", "a\0b", "数据.txt"])
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for number in range(draw(st.integers(1, 3))):
            bundle.writestr(zipfile.ZipInfo(f"{number}{name}" if number else name), content)
    return buffer.getvalue()


def within(draw: DrawFn, content: bytes, others: Sequence[Sample]) -> bytes:
    """The damage is in one member of the zip (or workbook), which is whole around it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            parts = {name: bundle.read(name) for name in bundle.namelist()}
    except Exception:  # no zip, or damaged before
        return replaced(draw, content, others)
    if not parts:
        return content
    name = draw(st.sampled_from(sorted(parts)))
    parts[name] = draw(st.sampled_from(WORDS + PLAIN))(draw, parts[name], others)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for member, part in parts.items():
            bundle.writestr(member, part)
    return buffer.getvalue()


def another_kind(draw: DrawFn, content: bytes, others: Sequence[Sample]) -> bytes:
    """One value of a JSON tree is of another kind."""
    begin = min((at for at in map(content.find, (b"[", b"{")) if at >= 0), default=0)
    end = content.rfind(b"]" if content[begin : begin + 1] == b"[" else b"}") + 1
    try:
        tree = [json.loads(content[begin:end])]
    except (ValueError, RecursionError):
        # A workbook's words are in its members.
        return (within if content[:2] == b"PK" else replaced)(draw, content, others)
    # By name first: what stands once in a file is damaged as often as what stands a thousand times.
    named: dict[Any, list[tuple[Any, Any]]] = {}
    for holder, name in _places(tree):
        named.setdefault(name if isinstance(holder, dict) else 0, []).append((holder, name))
    holder, name = draw(st.sampled_from(named[draw(st.sampled_from(list(named)))]))
    holder[name] = draw(st.sampled_from(KINDS))
    return content[:begin] + json.dumps(tree[0]).encode() + content[end:]


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a tree that holds a value: what holds it, and its name or number there."""
    match tree:
        case dict():
            names: Iterable[Any] = list(tree)
        case list():
            names = range(len(tree))
        case _:
            return
    for name in names:
        yield tree, name
        yield from _places(tree[name])


Damage = Callable[[DrawFn, bytes, Sequence[Sample]], bytes]
PLAIN: Final[tuple[Damage, ...]] = (
    cut, headless, flipped, spliced, repeated, line_repeated, planted, replaced, recoded,
)  # fmt: skip
#: The form stays whole and what it says is wrong: this gets furthest into a parser.
WORDS: Final[tuple[Damage, ...]] = (
    another_kind, cell_replaced, replaced, renamed, line_repeated
)  # fmt: skip
INSIDE: Final[tuple[Damage, ...]] = (another_kind, *WORDS, within)
TREE: Final[tuple[Damage, ...]] = (another_kind,) * 5 + (replaced,)
OUTSIDE: Final[tuple[Damage, ...]] = (foreign, grafted, zipped, within)
