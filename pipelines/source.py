"""What a source is: a descriptor, a parser, and code to fetch only where there is an address.

Here: the types that every source module fills in. Not here: any source, any I/O.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from contracts.base import Contract

if TYPE_CHECKING:
    from pipelines.fetch import Client


#: A table's name and some of its rows.
Batch = tuple[str, pl.DataFrame]


class SourceFormatError(ValueError):
    """A payload is not what the source has always sent; the message says where and what to do.

    What it quotes of the payload may be no text that can be stored; that is written by number.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message.encode("utf-8", "backslashreplace").decode())


class Cadence(Enum):
    """How often a source publishes; value: (cron of its schedule, days after which it is late)."""

    DAILY = ("0 6 * * *", 3)
    MONTHLY = ("0 6 5 * *", 62)
    QUARTERLY = ("0 6 5 1,4,7,10 *", 200)
    YEARLY = ("0 6 5 * *", 550)
    IRREGULAR = ("0 6 * * 1", 400)

    @property
    def cron(self) -> str:
        """When a schedule should look."""
        return self.value[0]

    @property
    def late_after(self) -> dt.timedelta:
        """Age of the last success above which the source counts as late."""
        return dt.timedelta(days=self.value[1])


class Keep(Enum):
    """What a new payload does to the landed ones before it."""

    #: Every payload stays: each is a release with its own vintage.
    RELEASES = "releases"
    #: A payload replaces the earlier one of the same name: the file is the whole truth of today.
    NEWEST = "newest"
    #: The files in the inbox are the whole truth of today: one taken away takes its rows with it.
    PRESENT = "present"


@dataclass(frozen=True)
class Licence:
    """Terms of reuse; `publish` says whether the figures may be published onward."""

    id: str
    attribution: str
    url: str
    publish: bool = True


@dataclass(frozen=True)
class Payload:
    """Bytes with the little that a parser may know of them.

    name: file name or request label, for messages. release_date: given by the person who dropped
    the file (a folder named YYYY-MM-DD), or None.
    """

    content: bytes
    name: str
    release_date: dt.date | None = None


@dataclass(frozen=True)
class Drifted:
    """A change of what a source sends that warns and does not keep it from landing.

    rule: its kind (pipelines/headings.py). message: where and what, in one sentence.
    """

    rule: str
    message: str


@dataclass
class Notes:
    """What the reader of a large file says of it besides its rows; goes into the landing's record.

    lacks: columns of the format that the file has not, so that they are NULL. unread: headings that
    are not known. left_out: how many records or files were left out, by reason.
    """

    lacks: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[str]:
        """The notes in words."""
        if self.lacks:
            yield f"columns that it lacks: {', '.join(self.lacks)}"
        if self.unread:
            yield f"columns that are not known and not read: {', '.join(self.unread)}"
        for reason, count in self.left_out.items():
            yield f"{reason}: {count}"


@dataclass(frozen=True)
class Parsed:
    """A payload's rows by table, and the release date that its own bytes (or its folder) give."""

    tables: Mapping[str, pl.DataFrame]
    release_date: dt.date | None = None
    notes: Iterable[str] = ()
    #: In place of `tables`, for a payload too large to hold: batches, read as they are asked for.
    stream: Iterator[Batch] | None = None
    drift: Sequence[Drifted] = ()

    def batches(self) -> Iterator[Batch]:
        """Table names with frames, in the order they are to be judged."""
        yield from self.stream if self.stream is not None else self.tables.items()


#: A file and its place below raw/ (inbox/lens/x.csv) to batches; fills in the notes on its way.
Stream = Callable[[Path, str, Notes], Iterator[Batch]]


def _no_parser(payload: Payload) -> Parsed:
    raise SourceFormatError(f"{payload.name}: this source reads streams")


@dataclass(frozen=True)
class Source:
    """One publisher's data: where from, on which terms, how often, and what its tables must be.

    parse: a pure function of the payload (no clock, no network, no global); raises
    SourceFormatError. stream: the same for files too large to hold; a source has one or the other.
    fetch: asks the network, through the client only; None for a file drop.
    review: cross-row rules over all landed tables of the source, giving rows of the findings table.
    accepts: file name patterns taken from its inboxes, folders of raw/inbox/ (default: its id).
    read_by: the source whose code reads its files too; when that code changes, all land again.
    """

    id: str
    title: str
    publisher: str
    licence: Licence
    cadence: Cadence
    tables: Mapping[str, type[Contract]]
    default_base_url: str
    parse: Callable[[Payload], Parsed] = _no_parser
    keep: Keep = Keep.RELEASES
    stream: Stream | None = None
    fetch: Callable[[Client], None] | None = None
    offline: bool = False
    review: Callable[[Mapping[str, pl.DataFrame]], list[Mapping[str, object]]] | None = None
    accepts: tuple[str, ...] = ()
    inboxes: tuple[str, ...] = ()
    read_by: str | None = None
    #: Which column of which table tells the period that the data cover.
    covers: tuple[str, str] | None = None
    #: Downloads that the service allows in an hour; counted over runs, from receipts.
    downloads_an_hour: int | None = None
    #: Least time from one request to the next; such a source is asked nothing twice in a fetch.
    seconds_between_requests: float = 0.0
    links: Mapping[str, str] = field(default_factory=dict)

    @property
    def inbox_folders(self) -> tuple[str, ...]:
        """Folders of raw/inbox/ that people drop this source's files into."""
        return self.inboxes or (self.id,)
