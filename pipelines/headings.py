"""The columns that a source's table has always had, and what follows where one comes otherwise.

Drift of columns is told apart (added, gone, renamed, retyped, in another order), and each kind is
answered by the heading's policy. Not here: rules over cells (contracts), codes and values that no
release had before (pipelines/between_releases.py), changes of our own contracts (contract_diff.py).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
#: A column of numbers may hold one other cell in so many, which the contract names; fewer filled
#: cells than that tell nothing of a column (2026-11).
_ONE_IN: Final = 10
_NUMBER: Final = re.compile(r"[+-]?([0-9]+([.,][0-9]+)*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*%?")
#: Characters of names, and drifts of one kind, that a message tells.
_LONGEST: Final = 300
_SHOWN: Final = 10


@dataclass(frozen=True)
class Heading:
    """Columns of a table in their order.

    numbers: those whose cells are numbers. optional: those that may be missing without a word.
    answers: what follows each kind of drift; None: nothing. Raises ValueError for an answer that
    rejects rows: a column is in every row.
    """

    title: str
    columns: tuple[str, ...]
    numbers: frozenset[str] = frozenset()
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
        """What warns in a table with these columns, one for each kind of drift.

        cells: what stands in some of them, as text. Raises SourceFormatError that names the drifts,
        if one of them fails the landing.
        """
        if twice := [name for name, times in Counter(names).items() if times > 1]:
            raise SourceFormatError(f"{where}: columns that stand twice: {_shown(twice)}")
        found: dict[Drift, list[str]] = {}
        for drift, told in (*self._of_names(names), *self._of_cells(cells or {})):
            if self.answers[drift]:
                found.setdefault(drift, []).append(told)
        words = {drift: _some(told) for drift, told in found.items()}
        if any(self.answers[drift] is Severity.FAIL for drift in found):
            raise SourceFormatError(
                f"{where}: the columns are not those of {self.title}: {'; '.join(words.values())}; "
                f"they are: {_shown(names)}"
            )
        return tuple(Drifted(str(drift), f"{where}: {word}") for drift, word in words.items())

    def _of_names(self, names: Sequence[str]) -> Iterator[tuple[Drift, str]]:
        here, ours = set(names), set(self.columns)
        come = [name for name in names if name not in ours]
        for name in self.columns:
            if name in here or name in self.optional:
                continue
            if (other := self._successor(name, names, come)) is None:
                yield Drift.GONE, f"column {name!r} is gone"
            else:
                come.remove(other)
                yield Drift.RENAMED, f"column {name!r} is gone and {other!r} came: renamed"
        for name in come:
            yield Drift.ADDED, f"column {name[:_LONGEST]!r} is new"
        order = [name for name in names if name in ours]
        if order != [name for name in self.columns if name in here]:
            yield Drift.REORDERED, f"columns stand in another order: {_shown(order)}"

    def _successor(self, gone: str, names: Sequence[str], come: Sequence[str]) -> str | None:
        """The new column that has nearly the name of one that is gone, or its place."""
        for name in come:
            if SequenceMatcher(None, gone.casefold(), name.casefold()).ratio() >= _ALIKE:
                return name
        beside = _neighbours(self.columns, gone)
        placed = (name for name in come if _neighbours(names, name) == beside != (None, None))
        return next(placed, None)

    def _of_cells(self, cells: Mapping[str, Iterable[str | None]]) -> Iterator[tuple[Drift, str]]:
        for name in self.numbers & cells.keys():
            filled = [cell.strip() for cell in cells[name] if cell and cell.strip()]
            others = [cell for cell in filled if not _NUMBER.fullmatch(cell)]
            if len(filled) >= _ONE_IN and len(others) * _ONE_IN > len(filled):
                yield (
                    Drift.RETYPED,
                    f"column {name!r} held numbers and holds something else now, such as "
                    f"{others[0][:40]!r}",
                )


def _neighbours(names: Sequence[str], name: str) -> tuple[str | None, str | None]:
    """What stands before and after a name."""
    at = names.index(name)
    return (names[at - 1] if at else None, names[at + 1] if at + 1 < len(names) else None)


def _shown(names: Sequence[str]) -> str:
    """Names, as many as a message bears."""
    return ", ".join(names)[:_LONGEST] or "none"


def _some(told: Sequence[str]) -> str:
    """Drifts of one kind, as many as a message bears."""
    more = [f"and {len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
    return "; ".join([*told[:_SHOWN], *more])


def of_notes(name: str, notes: Notes) -> tuple[Drifted, ...]:
    """What warns in an export whose maker chose the columns, by what its reader noted."""
    heading = Heading("the export", tuple(dict.fromkeys(notes.lacks)), answers=CHOSEN)
    return heading.judge(name, list(dict.fromkeys(notes.unread)))
