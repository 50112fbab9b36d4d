"""A very large XML file as a stream: the records in it, and the starts of what stands around them.

Here: streaming at the C parser's speed from a file or a zip's member, and what makes XML harmless
(no declared entities, nothing outside the file is read, bounded depth and record size). Not here:
what an element means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html.entities import html5
from typing import IO, Final, Literal, NamedTuple, cast
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from pipelines.source import SourceFormatError
from pipelines.sources.patent_register.unpack import Member

#: Elements within elements; the deepest official format has 13.
DEPTH: Final = 64
#: Elements of one record, for example one assignment with all its patents.
ELEMENTS: Final = 2_000_000
#: Bytes of one record, or between two elements around records.
BYTES: Final = 128 << 20
#: Bytes before the first element, which a declaration, a style sheet and a DOCTYPE need.
PROLOG: Final = 1 << 20
_CHUNK: Final = 1 << 16
#: What a document type that is named, but not read, would declare: the ISO names are HTML's too.
_ENTITIES: Final = {name[:-1]: text for name, text in html5.items() if name.endswith(";")}


class Part(NamedTuple):
    """An element at its start (attributes alone) or, whole, at its end.

    Tags are without namespaces; `within` names the elements around it, outermost first.
    """

    at: Literal["start", "end"]
    element: Element
    within: tuple[str, ...]

    @property
    def tag(self) -> str:
        """The element's name."""
        return local(self.element.tag)


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def parts(
    member: Member, records: Collection[str], passed_over: Collection[str] = ()
) -> Iterator[Part]:
    """The start of every element outside the records, and each outermost record when it is whole.

    A record comes without the elements that are `passed_over`, and is forgotten as soon as the next
    part is asked for. Raises SourceFormatError naming the line, or the record out of bounds.
    """
    with member.open() as file:
        _harmless_prolog(file, member.name)
    with member.open() as file:
        try:
            yield from _parts(_Bounded(file, member.name), frozenset(records), passed_over)
        except ElementTree.ParseError as error:
            raise SourceFormatError(
                f"{member.name}, line {error.position[0]}: no well-formed XML: {error}"
            ) from error
        except (LookupError, ValueError) as error:
            if isinstance(error, SourceFormatError):
                raise
            raise SourceFormatError(f"{member.name}: this XML cannot be read: {error}") from error


class _Bounded:
    """A file that gives no more than BYTES between two parts."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self.name = file, name
        self._left = BYTES

    def read(self, size: int) -> bytes:
        """The next bytes."""
        piece = self._file.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise SourceFormatError(f"{self.name}: more than {BYTES} bytes in one record")
        return piece

    def part(self) -> None:
        """A part is done."""
        self._left = BYTES


def _parts(file: _Bounded, records: frozenset[str], passed_over: Collection[str]) -> Iterator[Part]:
    around: list[Element] = []
    within: tuple[str, ...] = ()
    record: Element | None = None
    count = depth = elements = 0  # records so far; depth below the record and elements in it
    parser = ElementTree.XMLParser()  # noqa: S314 - see parts()
    parser.entity.update(_ENTITIES)
    stream = cast(IO[bytes], file)  # only read() is called
    for event, element in ElementTree.iterparse(stream, ("start", "end"), parser):  # noqa: S314
        if event == "start":
            if record is not None:
                depth, elements = depth + 1, elements + 1
                if elements > ELEMENTS:
                    raise SourceFormatError(
                        f"{file.name}: {local(record.tag)} {count} with more than {ELEMENTS} "
                        "elements in one record"
                    )
            elif (tag := local(element.tag)) in records:
                record, count, depth, elements = element, count + 1, 0, 0
            else:
                file.part()
                yield Part("start", element, within)
                around.append(element)
                within = (*within, tag)
            if len(around) + depth > DEPTH:
                raise SourceFormatError(f"{file.name}: elements nest deeper than {DEPTH}")
        elif record is not None and depth:
            depth -= 1
        else:
            if record is not None:
                _make_plain(record, passed_over)
                file.part()
                yield Part("end", record, within)
                record = None
            else:
                around.pop()
                within = within[:-1]
            element.clear()
            if around:
                around[-1].remove(element)


def _make_plain(record: Element, passed_over: Collection[str]) -> None:
    """Take the namespaces off the tags, and out what is passed over."""
    for element in record.iter():
        element.tag = local(element.tag)
        if passed_over and len(element):
            for below in [e for e in element if local(e.tag) in passed_over]:
                element.remove(below)


class _Begun(Exception):
    """The first element begins."""


def _harmless_prolog(file: IO[bytes], name: str) -> None:
    """Raise SourceFormatError if the file declares entities; only a prolog can."""

    def entity(*_: object) -> None:
        raise SourceFormatError(f"{name}: the file declares an entity, which is not taken")

    def begun(*_: object) -> None:
        raise _Begun

    parser = expat.ParserCreate()
    parser.EntityDeclHandler = entity
    parser.StartElementHandler = begun
    size = 0
    try:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            parser.Parse(chunk, False)
            if size > PROLOG:
                raise SourceFormatError(f"{name}: no element in the first {PROLOG} bytes")
        parser.Parse(b"", True)
    except _Begun:
        return
    except SourceFormatError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        line = parser.CurrentLineNumber
        raise SourceFormatError(f"{name}, line {line}: no well-formed XML: {error}") from error
