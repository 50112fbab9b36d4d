"""Commands for who operates the warehouse. Not here: doing, printing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from pipelines import show
from pipelines.cli_support import AsJson, fail, load_settings, print_json

app = typer.Typer()


@app.command()
def runs(
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """The runs so far, whoever started them: when, what they published, why they failed."""
    from sqlalchemy.exc import SQLAlchemyError

    from pipelines import runs as history

    try:
        found = history.runs(load_settings(), limit)
    except (OSError, SQLAlchemyError) as error:
        raise fail(error) from error
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        show.table("Runs, the newest first", [asdict(one) for one in found])
    else:
        show.line("No run yet: `ipw run` makes one.")


@app.command()
def gc(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove what nothing needs: leftovers, old builds and logs, bytes without a receipt."""
    from pipelines import gc as collecting
    from pipelines.lock import Busy

    try:
        found = collecting.collect(load_settings(), dry_run=dry_run)
    except (Busy, ValueError, OSError) as error:
        raise fail(error) from error
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        show.line(show.plain(f"{one.size:>12,} bytes  {one.path}: {one.why}"))
    size = sum(one.size for one in found)
    show.line(f"{len(found)} {'would go' if dry_run else 'removed'}, {size:,} bytes")
