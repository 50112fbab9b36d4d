"""Records of a large XML file, one at a time, from a file that nobody has vouched for.

Here: well-formedness, bounds, and that nothing is fetched or expanded. Not here: what a record
means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element
from xml.parsers import expat

from pipelines.source import SourceFormatError

_CHUNK: Final = 1 << 16
DEPTH: Final = 256
#: Elements and characters of one record, without the parts that are passed over.
ELEMENTS: Final = 200_000
CHARACTERS: Final = 16 << 20


def records(
    path: Path, name: str, tags: Collection[str], passed_over: Collection[str] = ()
) -> Iterator[Element]:
    """Elements of these names with all below them but `passed_over`; names without namespace.

    A document type may be named but not read; entities may not be declared, and references to
    entities of a type that is not read stay as text (`&alpha;`). Raises SourceFormatError naming
    the line.
    """
    builder = _Builder(name, tags, passed_over)
    with path.open("rb") as file:
        last = False
        while not last:
            chunk = file.read(_CHUNK)
            last = not chunk
            try:
                builder.parser.Parse(chunk, last)
            except (expat.ExpatError, ValueError, LookupError) as error:
                if isinstance(error, SourceFormatError):
                    raise
                raise SourceFormatError(
                    f"{name}, line {builder.parser.CurrentLineNumber}: no well-formed XML: {error}"
                ) from error
            yield from builder.done
            builder.done.clear()


class _Builder:
    """Builds the wanted elements from expat's events."""

    def __init__(self, name: str, tags: Collection[str], passed_over: Collection[str]) -> None:
        self._name, self._tags, self._passed_over = name, frozenset(tags), frozenset(passed_over)
        self.done: list[Element] = []
        self._open: list[Element] = []
        self._depth = self._over = self._elements = self._characters = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.SkippedEntityHandler = self._skipped
        self.parser.EntityDeclHandler = self._declared

    def _fail(self, why: str) -> None:
        raise SourceFormatError(f"{self._name}, line {self.parser.CurrentLineNumber}: {why}")

    def _declared(self, entity: str, *_: object) -> None:
        self._fail(f"the file declares an entity ({entity}), which is not taken")

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            self._fail(f"elements nest deeper than {DEPTH}")
        tag = qualified.rpartition(":")[2]
        if self._over or (self._open and tag in self._passed_over):
            self._over += 1
            return
        if not self._open:
            if tag not in self._tags:
                return
            self._elements = self._characters = 0
        self._elements += 1
        if self._elements > ELEMENTS:
            self._fail(f"more than {ELEMENTS} elements in one record")
        element = Element(tag, {key.rpartition(":")[2]: v for key, v in attributes.items()})
        if self._open:
            self._open[-1].append(element)
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._over:
            self._over -= 1
        elif self._open:
            element = self._open.pop()
            if not self._open:
                self.done.append(element)

    def _data(self, text: str) -> None:
        if not self._open or self._over:
            return
        self._characters += len(text)
        if self._characters > CHARACTERS:
            self._fail(f"more than {CHARACTERS} characters in one record")
        element = self._open[-1]
        if len(element):
            element[-1].tail = (element[-1].tail or "") + text
        else:
            element.text = (element.text or "") + text

    def _skipped(self, entity: str, is_parameter: bool) -> None:
        if not is_parameter:
            self._data(f"&{entity};")
