"""How the command line shows rows that were kept out. No decisions, no data access."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipelines import show

if TYPE_CHECKING:
    from pipelines.quarantine import Kept, Replayed


def summary(found: list[Kept]) -> None:
    """Rules that were broken, and how often."""
    if not found:
        show.line("No row is kept out.")
        return
    show.table("Rows kept out", [asdict(one) for one in found])
    show.line("The rows: ipw quarantine show; after mending a contract: ipw quarantine replay")


def rows(found: list[dict[str, Any]], in_all: int) -> None:
    """Rows with what is wrong with them."""
    for one in found:
        column = "" if one["column_name"] is None else f", column {one['column_name']}"
        show.line(show.plain(
            f"{one['file']}, row {one['raw_row']}{column}, value {one['value']!r}: {one['check']}"
        ))  # fmt: skip
        show.line(show.plain(f"  {one['source_id']}.{one['table_name']}: {one['row_json']}"))
    if in_all > len(found):
        show.line(f"{len(found)} of {in_all:,} are shown; more: --rows")
    elif not found:
        show.line("No row is kept out.")


def replayed(done: Replayed) -> None:
    """What a second judgement changed."""
    if not done.judged:
        show.line("Nothing was judged again: contracts and parsers are as they were.")
    for outcome, count in done.judged.items():
        show.line(f"judged again and {outcome}: {count} file{'s' if count != 1 else ''}")
    for table in done.tables:
        show.line(
            f"{table.source_id}.{table.table_name}: {table.left:,} rows left the quarantine, "
            f"{table.stayed:,} stayed, {table.more:,} came"
        )
    for message in done.refused:
        show.error(message)
    if any(table.left for table in done.tables) or done.judged.get("landed"):
        show.line("`ipw run` publishes what landed.")
