"""World Bank: World Development Indicators on intellectual property, trade in it, and denominators.

Here: which series are asked for, how, and which release a payload belongs to. Not here: what the
bytes look like (pages.py, files.py), what a good row is
(contracts/world_bank.py), what a series means (dbt).
"""

from __future__ import annotations

from collections import Counter
from itertools import count

import polars as pl

from contracts import world_bank as c
from pipelines.fetch import Batch, Client
from pipelines.source import Cadence, Licence, Parsed, Payload, Source, SourceFormatError
from pipelines.sources.world_bank.files import parse_csv
from pipelines.sources.world_bank.pages import INVALID, NO_DATA, ApiMessage, page, parse_page
from pipelines.sources.world_bank.review import review
from pipelines.sources.world_bank.rows import FETCHED, SERIES, Part
from pipelines.zips import is_zip, members

__all__ = ["FETCHED", "SERIES", "SOURCE", "fetch", "parse"]


def parse(payload: Payload) -> Parsed:
    """Rows of an API page, a bulk file or a zip of bulk files; cells without a value have status M.

    The release date is the one in the bytes, else the payload's. A series that SERIES lacks is
    left out by name in the notes. Raises SourceFormatError when the bytes have none of these
    shapes, when their release is not known or known twice over, and when no series is known.
    Ignored by name: unit (always blank), decimal and footnote of the API; SpecialNotes of files.
    """
    part = _part(payload.name, payload.content)
    own, given = part.released, payload.release_date
    if own and given and own != given:
        raise SourceFormatError(
            f"{payload.name}: its bytes say that it was released on {own}, but it was given as "
            f"released on {given}; move it to raw/inbox/world_bank/{own}/"
        )
    rows = part.tables["observation"].height if "observation" in part.tables else 0
    if part.unknown and not rows:
        raise SourceFormatError(f"{payload.name}: no known series; it holds {part.left_out}")
    released = own or given
    if rows and released is None:
        raise SourceFormatError(
            f"{payload.name}: it does not say when it was released; move it to "
            "raw/inbox/world_bank/2013-12-18/ if it was released on that day"
        )
    left_out = (f"left out, unit not known: {part.left_out}",) if part.unknown else ()
    return Parsed(part.tables, released, part.notes + left_out, drift=part.drift)


def _part(name: str, content: bytes) -> Part:
    if not is_zip(content):
        return _plain(name, content)
    parts = [_plain(member, unpacked) for member, unpacked in members(name, content)]
    dates = sorted({part.released for part in parts if part.released})
    if len(dates) > 1:
        raise SourceFormatError(
            f"{name}: holds files released on {' and '.join(map(str, dates))}; drop them one by one"
        )
    frames: dict[str, list[pl.DataFrame]] = {}
    for table, frame in (item for part in parts for item in part.tables.items()):
        frames.setdefault(table, []).append(frame)
    return Part(
        {table: pl.concat(found) for table, found in frames.items()},
        dates[0] if dates else None,
        tuple(note for part in parts for note in part.notes),
        sum((part.unknown for part in parts), Counter()),
        tuple(one for part in parts for one in part.drift),
    )


def _plain(name: str, content: bytes) -> Part:
    """What the bytes hold, judged by how they begin."""
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if not start:
        raise SourceFormatError(f"{name}: empty")
    if is_zip(content):
        raise SourceFormatError(f"{name}: a zip within a zip; drop it by itself")
    return parse_page(name, content) if start in b"[{<" else parse_csv(name, content)


def fetch(client: Client) -> None:
    """Ask for the list of economies and each series; a series that fails costs no other."""
    with client.batch("economies") as batch:
        _pages(client, batch, "/country")
    countries = client.settings.world_bank_countries.split(";")
    for series in FETCHED:
        spoilt = False
        with client.batch(series) as batch:
            try:
                _pages(client, batch, f"/country/{';'.join(countries)}/indicator/{series}")
            except ApiMessage as message:
                spoilt = len(countries) > 1 and bool(message.ids & INVALID)
                if not spoilt:
                    raise
                while batch.pending:
                    batch.forget()
        # One bad economy spoils the answer for all: ask for each by itself.
        for country in countries if spoilt else ():
            with client.batch(f"{series} {country}") as batch:
                _pages(client, batch, f"/country/{country}/indicator/{series}")


def _pages(client: Client, batch: Batch, path: str) -> None:
    """Get every page of a list, and see that together they are the whole of one release."""
    rows = 0
    first = None
    before = None
    for number in count(1):
        part = f" page {number}"
        params = {
            "format": "json",
            "per_page": str(client.settings.world_bank_per_page),
            "page": str(number),
        }
        content = batch.get(path, params, part)
        try:
            found = page(batch.label + part, content)
        except ApiMessage as message:
            if message.ids == NO_DATA and number == 1:
                return
            raise
        batch.released(found.released.isoformat() if found.released else None)
        if before and before.items == found.items != []:
            raise SourceFormatError(f"{batch.label}{part}: it repeats the page before it")
        before = found
        first = first or found
        rows += len(found.items)
        if (found.pages, found.total, found.released) != (first.pages, first.total, first.released):
            raise SourceFormatError(
                f"{batch.label}{part}: {found.total} rows on {found.pages} pages released on "
                f"{found.released}, but page 1 told of {first.total} rows on {first.pages} pages "
                f"released on {first.released}; it changed meanwhile: fetch again"
            )
        if found.total and found.number != number:
            raise SourceFormatError(f"{batch.label}{part}: the answer is page {found.number}")
        if number >= found.pages:
            break
    if rows != found.total:
        raise SourceFormatError(
            f"{batch.label}{part}: {rows} rows on {found.pages} pages, but the header tells of "
            f"{found.total}"
        )


SOURCE = Source(
    id="world_bank",
    title="World Development Indicators: intellectual property, royalties, population, GDP, R&D",
    publisher="World Bank",
    licence=Licence(
        id="CC-BY-4.0",
        attribution="The World Bank: World Development Indicators; patents, trademarks and "
        "designs: WIPO, via World Bank",
        url="https://creativecommons.org/licenses/by/4.0/",
    ),
    cadence=Cadence.QUARTERLY,
    tables={"economy": c.Economy, "observation": c.Observation},
    parse=parse,
    fetch=fetch,
    review=review,
    default_base_url="https://api.worldbank.org/v2",
    accepts=("*.csv", "*.zip", "*.json"),
    covers=("observation", "time_period"),
    links={"documentation": "https://datahelpdesk.worldbank.org/knowledgebase/topics/125589"},
)
