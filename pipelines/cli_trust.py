"""Commands for who does not trust us: where a cell comes from, and whether bytes and builds hold.

Not here: the commands of the warehouse (pipelines/cli.py), reading, printing.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import duckdb
import typer

from pipelines import show_trust
from pipelines.cli_support import AsJson, ending_after, fail, load_settings, print_json

app = typer.Typer()


@app.command()
def trace(
    table: Annotated[str, typer.Argument(help="A served table: mart_plan_scorecard, simulated.…")],
    where: Annotated[str, typer.Option(help="Which rows, as SQL.")] = "true",
    rows: Annotated[int, typer.Option(min=1, max=1000, help="At most so many of them.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Rows of a table back to landed rows, receipts and stored bytes, which are verified."""
    from pipelines import serve
    from pipelines import trace as tracing

    settings = load_settings()
    longest = 2 * settings.query_seconds
    try:
        with ending_after(longest, f"ended after {longest:g} s: ask for fewer rows"):
            traced = tracing.trace(settings, table, where, rows)
    except (serve.NothingPublished, LookupError, duckdb.Error) as error:
        raise fail(error) from error
    if as_json:
        print_json([asdict(one) for one in traced])
    else:
        show_trust.traced(traced)
    if wrong := [message for one in traced for message in one.unproven]:
        raise fail(ValueError("; ".join(dict.fromkeys(wrong))))


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Hold every stored byte against its hash and every build against its manifest."""
    from pipelines import verify as verifying

    found = verifying.verify(load_settings())
    if as_json:
        print_json(asdict(found))
    else:
        show_trust.verified(found)
    if found.wrong:
        raise typer.Exit(1)


@app.command()
def rebuild(
    build: Annotated[str, typer.Option(help="Id of a published build.")] = "current",
    as_json: AsJson = False,
) -> None:
    """Make a published build again from receipts and stored bytes, and compare every table."""
    from pipelines import rebuild as rebuilding
    from pipelines.lock import Busy

    try:
        found = rebuilding.rebuild(load_settings(), build)
    except (Busy, LookupError, ValueError, OSError) as error:
        raise fail(error) from error
    if as_json:
        print_json(asdict(found))
    else:
        show_trust.rebuilt(found)
    if found.wrong:
        raise typer.Exit(1)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="Id of a published build.")],
    after: Annotated[str, typer.Argument(help="Another one.")] = "current",
    as_json: AsJson = False,
) -> None:
    """Which facts were added, removed or changed between two published builds."""
    from pipelines import build_diff

    try:
        found = build_diff.diff(load_settings(), before, after)
    except LookupError as error:
        raise fail(error) from error
    if as_json:
        print_json(asdict(found))
    else:
        show_trust.difference(found)
