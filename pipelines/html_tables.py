"""The tables of an HTML page as rows of text.

Not here: what a table means, and spans: a cell stands once, where it begins.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

Table = list[list[str]]

#: What never is text of the page.
_SILENT: Final = ("script", "style")


class _Reader(HTMLParser):
    """Collects text of cells, tables by their order of beginning; a table within a cell apart."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self.text: list[str] = []
        self._open: list[Table] = []
        self._in_cell: list[bool] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - HTMLParser's
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self.tables.append([])
            self._open.append(self.tables[-1])
            self._in_cell.append(False)
        elif self._open and tag == "tr":
            self._open[-1].append([])
            self._in_cell[-1] = False
        elif self._open and tag in ("td", "th"):
            if not self._open[-1]:
                self._open[-1].append([])
            self._open[-1][-1].append("")
            self._in_cell[-1] = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag == "table" and self._open:
            self._open.pop()
            self._in_cell.pop()
        elif self._open and tag in ("td", "th"):
            self._in_cell[-1] = False

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self.text.append(data)
        if self._open and self._in_cell[-1]:
            self._open[-1][-1][-1] += data


def read(page: str) -> tuple[list[Table], str]:
    """The tables of a page in order, and the page's whole text.

    >>> read("<p>a<table><tr><td>b&amp;<td>c</table><script>d</script>")
    ([[['b&', 'c']]], 'ab&c')
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.tables, "".join(reader.text)
