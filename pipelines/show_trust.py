"""How the command line shows what proves a figure. No decisions, no data access."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipelines import show

if TYPE_CHECKING:
    from pipelines.build_diff import Difference
    from pipelines.rebuild import Rebuilt
    from pipelines.trace import Origin, Traced
    from pipelines.verify import Verified

#: Facts that are shown; --json has more.
_SHOWN: Final = 30


def traced(found: list[Traced]) -> None:
    """Rows of a table, each with what it was made from."""
    if not found:
        show.line("No row of the table is so.")
    for one in found:
        row = ", ".join(f"{k} {_cell(v)}" for k, v in one.row.items() if v is not None)
        show.line(show.plain(f"{one.table}: {row}"))
        if not one.origins:
            show.line("  made from no landed row: nothing of it has landed yet")
        for name, count in one.counted.items():
            show.line(f"  by {name}: {count:,} landed row{'s' if count != 1 else ''}")
        for origin in one.origins:
            _origin(origin)
        if one.in_all > len(one.origins):
            show.line(f"  {len(one.origins)} of {one.in_all:,} are shown; all: the schema lineage")
        show.line("")


def _origin(origin: Origin) -> None:
    stored, receipt = origin.bytes, origin.receipt
    size = "" if stored.size is None else f", {stored.size:,} bytes"
    show.line(f"  sha256 {stored.sha256}: {stored.state}{size}, {stored.path}")
    if receipt:
        show.line(show.plain(
            f"    {receipt['source_id']}: {receipt['name']}, got {receipt['finished_at']} from "
            f"{receipt['url']}; {receipt['licence']}; {receipt['receipt']}"
        ))  # fmt: skip
    if stored.record is not None:
        show.line(show.plain(f"    {stored.place}: {stored.record}{' …' if stored.is_cut else ''}"))
    elif stored.place:
        show.line(f"    {stored.place}")
    for table, rows in origin.landed.items():
        for row in rows[:1]:
            told = ", ".join(f"{k} {_cell(v)}" for k, v in row.items() if v is not None)
            show.line(show.plain(f"    landed in {table} as {told}"))


def _cell(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def verified(found: Verified) -> None:
    """What was held against its hash, and what is wrong."""
    for message in found.wrong:
        show.error(message)
    show.line(
        f"{found.files:,} files of {found.size:,} bytes, {found.receipts:,} receipts and "
        f"{found.builds:,} builds read: {len(found.wrong)} wrong"
    )


def rebuilt(found: Rebuilt) -> None:
    """What came out equal, and what did not."""
    for message in found.wrong:
        show.error(message)
    show.line(
        f"build {found.build_id} made again from {found.receipts:,} receipts: {found.landed:,} "
        f"landed files equal to the byte, {found.tables:,} tables equal row for row, "
        f"{len(found.wrong)} different"
    )


def difference(found: Difference) -> None:
    """Facts by kind, and the tables that differ."""
    counts = ", ".join(f"{n:,} {kind}" for kind, n in found.counts.items())
    show.line(f"facts from {found.before} to {found.after}: {counts}")
    if found.facts:
        show.table("Facts that differ", found.facts[:_SHOWN])
    if len(found.facts) > _SHOWN:
        show.line(f"the first {_SHOWN} are shown; more: --json")
    for name, (before, after) in found.tables.items():
        show.line(f"  {name} differs: {_rows(before)} before, {_rows(after)} after")


def _rows(count: int | None) -> str:
    return "not there" if count is None else f"{count:,} rows"
