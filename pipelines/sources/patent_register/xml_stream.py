"""A very large XML file as a stream: the records in it, and the starts of what stands around them.

Here: streaming at the C parser's speed from a file or a zip's member, and what makes XML harmless
(no declared entities, nothing outside the file is read, bounded depth and record size). Not here:
what an element means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Final, Literal, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from pipelines.source import SourceFormatError

#: Elements within elements; the deepest official format has 13.
DEPTH: Final = 64
#: Elements of one record, for example one assignment with all its patents.
ELEMENTS: Final = 2_000_000
#: Bytes before the first element, which a declaration, a style sheet and a DOCTYPE need.
PROLOG: Final = 1 << 20
_CHUNK: Final = 1 << 16


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


def parts(open_file: Callable[[], IO[bytes]], name: str, records: frozenset[str]) -> Iterator[Part]:
    """The start of every element outside the records, and each outermost record when it is whole.

    A record is forgotten as soon as the next part is asked for. Raises SourceFormatError naming
    line and column.
    """
    with open_file() as file:
        _harmless_prolog(file, name)
    with open_file() as file:
        try:
            yield from _parts(file, name, records)
        except ElementTree.ParseError as error:
            raise SourceFormatError(f"{name}: this is no well-formed XML: {error}") from error
        except (LookupError, ValueError) as error:
            if isinstance(error, SourceFormatError):
                raise
            raise SourceFormatError(f"{name}: this XML cannot be read: {error}") from error


def _parts(file: IO[bytes], name: str, records: frozenset[str]) -> Iterator[Part]:
    stack: list[Element] = []
    record = 0  # depth of the record at hand, 0 outside
    elements = 0
    events = ElementTree.iterparse(file, events=("start", "end"))  # noqa: S314 - see parts()
    for event, element in events:
        if event == "start":
            stack.append(element)
            elements += 1
            if len(stack) > DEPTH:
                raise SourceFormatError(f"{name}: elements stand {DEPTH} deep; no such format does")
            if record:
                if elements > ELEMENTS:
                    outer = local(stack[record - 1].tag)
                    raise SourceFormatError(f"{name}: {outer} with more than {ELEMENTS} elements")
            elif local(element.tag) in records:
                record, elements = len(stack), 0
            else:
                yield Part("start", element, _names(stack))
            continue
        if record in (0, len(stack)):
            if record:
                for below in element.iter():
                    below.tag = local(below.tag)
                yield Part("end", element, _names(stack))
                record = 0
            element.clear()
            if len(stack) > 1:
                stack[-2].remove(element)
        stack.pop()


def _names(stack: list[Element]) -> tuple[str, ...]:
    return tuple(local(element.tag) for element in stack[:-1])


class _Begun(Exception):
    """The first element begins."""


def _harmless_prolog(file: IO[bytes], name: str) -> None:
    """Raise SourceFormatError if the file declares entities; only a prolog can."""

    def entity(*_: object) -> None:
        raise SourceFormatError(f"{name}: the file declares entities, which no such source does")

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
        raise SourceFormatError(f"{name}: this is no well-formed XML: {error}") from error
