"""The columns that a source's table has always had, and what follows where one comes otherwise.

Drift of columns is told apart (added, gone, renamed, retyped, in another order), and each kind is
answered by the heading's policy. Not here: rules over cells (contracts), codes and values that no
release had before (pipelines/between_releases.py), changes of our own contracts (contract_diff.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from contracts.base import Severity
from pipelines.source import Drifted, Notes, SourceFormatError


class Drift(StrEnum):
    """How the columns of a table differ from those it has always had."""

    ADDED = "column_added"
    GONE = "column_gone"
    RENAMED = "column_renamed"
    RETYPED = "column_retyped"
    REORDERED = "columns_reordered"


class Kind(StrEnum):
    """What the filled cells of a column are; ANY: the column may hold one thing or the other."""

    NUMBER = "numbers"
    DATE = "days"
    TEXT = "text"
    ANY = "anything"


Answers = Mapping[Drift, Severity | None]
#: A new column is none of ours; where one that we read is missing, or holds something else, what
#: would land in its place is not what the contract says. Columns are read by name.
BY_NAME: Final[Answers] = {
    Drift.ADDED: Severity.WARN,
    Drift.GONE: Severity.FAIL,
    Drift.RENAMED: Severity.FAIL,
    Drift.RETYPED: Severity.FAIL,
    Drift.REORDERED: Severity.WARN,
}
#: A file of which every column is ours.
EXACT: Final[Answers] = {**BY_NAME, Drift.ADDED: Severity.FAIL, Drift.REORDERED: None}
#: An export whose maker chose the columns: which it lacks, the landing's record tells.
CHOSEN: Final[Answers] = {
    Drift.ADDED: Severity.WARN,
    Drift.GONE: None,
    Drift.RENAMED: Severity.WARN,
    Drift.RETYPED: None,
    Drift.REORDERED: None,
}

#: "Office Code" and "Office (Code)" are alike by 0.92; "Country Name" and "Country Code" by 0.75,
#: and they are two things (2026-11).
_ALIKE: Final = 0.8
#: Of the filled cells of a column, how many make its kind; the others are for the contract to name.
#: Fewer filled cells than the second number tell nothing of a column (2026-11).
_MOST: Final = 0.9
_FEWEST: Final = 10
_NUMBER: Final = re.compile(r"[+-]?([0-9]+([.,][0-9]+)*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*%?")
_DATE: Final = re.compile(
    r"[0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}"
)


@dataclass(frozen=True)
class Heading:
    """Columns of a table in their order, with what they hold.

    optional: those that may be missing without a word. answers: what follows each kind of drift;
    None: nothing. Raises ValueError for an answer that rejects rows: a column is in every row.
    """

    title: str
    columns: Mapping[str, Kind]
    optional: frozenset[str] = frozenset()
    answers: Answers = field(default_factory=lambda: BY_NAME)

    def __post_init__(self) -> None:
        if Severity.REJECT in self.answers.values():
            raise ValueError(f"{self.title}: drift of columns can fail or warn, not reject rows")

    def judge(
        self,
        where: str,
        names: Sequence[str],
        cells: Mapping[str, Iterable[str | None]] | None = None,
    ) -> tuple[Drifted, ...]:
        """What warns in a table with these columns.

        cells: what stands in some of them, as text. Raises SourceFormatError that names every
        drift, if one of them fails the landing.
        """
        if twice := [name for name in dict.fromkeys(names) if list(names).count(name) > 1]:
            raise SourceFormatError(f"{where}: columns that stand twice: {', '.join(twice)}")
        found = [*self._of_names(names), *self._of_kinds(cells or {})]
        answers = [(self.answers[drift], drift, word) for drift, word in found]
        told = "; ".join(word for answer, _, word in answers if answer)
        if any(answer is Severity.FAIL for answer, *_ in answers):
            raise SourceFormatError(
                f"{where}: the columns are not those of {self.title}: {told}; they are: "
                f"{', '.join(names)[:300] or 'none'}"
            )
        return tuple(
            Drifted(str(drift), f"{where}: {word}") for answer, drift, word in answers if answer
        )

    def _of_names(self, names: Sequence[str]) -> Iterable[tuple[Drift, str]]:
        gone = [n for n in self.columns if n not in names and n not in self.optional]
        come = [name for name in names if name not in self.columns]
        for name in gone:
            if (other := self._successor(name, names, come)) is None:
                yield Drift.GONE, f"column {name!r} is gone"
            else:
                come.remove(other)
                yield Drift.RENAMED, f"column {name!r} is gone and {other!r} came: renamed"
        for name in come:
            yield Drift.ADDED, f"column {name!r} is new"
        both = [name for name in self.columns if name in names]
        order = [name for name in names if name in self.columns]
        if both != order:
            yield Drift.REORDERED, f"columns stand in another order: {', '.join(order)}"

    def _successor(self, gone: str, names: Sequence[str], come: Sequence[str]) -> str | None:
        """The new column that has nearly the name of one that is gone, or its place."""
        for name in come:
            if SequenceMatcher(None, gone.casefold(), name.casefold()).ratio() >= _ALIKE:
                return name
        beside = _neighbours(list(self.columns), gone)
        placed = (name for name in come if _neighbours(names, name) == beside != (None, None))
        return next(placed, None)

    def _of_kinds(self, cells: Mapping[str, Iterable[str | None]]) -> Iterable[tuple[Drift, str]]:
        for name, told in cells.items():
            due = self.columns.get(name, Kind.ANY)
            filled = [cell for cell in told if cell and cell.strip()]
            if due in (Kind.ANY, Kind.TEXT) or len(filled) < _FEWEST:
                continue
            if (kind := kind_of(filled)) is not due:
                example = next(cell for cell in filled if kind_of([cell]) is not due)
                yield (
                    Drift.RETYPED,
                    f"column {name!r} held {due} and holds {kind} now, such as {example[:40]!r}",
                )


def _neighbours(names: Sequence[str], name: str) -> tuple[str | None, str | None]:
    """What stands before and after a name."""
    at = names.index(name)
    return (names[at - 1] if at else None, names[at + 1] if at + 1 < len(names) else None)


def of_notes(name: str, notes: Notes) -> tuple[Drifted, ...]:
    """What warns in an export whose maker chose the columns, by what its reader noted."""
    heading = Heading("the export", dict.fromkeys(notes.lacks, Kind.ANY), answers=CHOSEN)
    return heading.judge(name, list(dict.fromkeys(notes.unread)))


def kind_of(filled: Sequence[str]) -> Kind:
    """What at least nine in ten of these cells are, else text."""
    for kind, pattern in ((Kind.NUMBER, _NUMBER), (Kind.DATE, _DATE)):
        fitting = sum(pattern.fullmatch(cell.strip()) is not None for cell in filled)
        if fitting >= _MOST * len(filled):
            return kind
    return Kind.TEXT
