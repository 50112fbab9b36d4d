"""Commands on rows that were kept out. Not here: finding and judging them, printing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from pipelines import show_quarantine
from pipelines.cli_support import AsJson, SourceName, fail, load_settings, print_json
from pipelines.lock import Busy

app = typer.Typer(no_args_is_help=True, help="Rows that were kept out, with the rules they broke.")


@app.command("list")
def list_(source: SourceName = None, as_json: AsJson = False) -> None:
    """How many rows of which files break which rule."""
    from pipelines import quarantine

    found = quarantine.summary(load_settings(), source)
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        show_quarantine.summary(found)


@app.command()
def show(
    source: SourceName = None,
    check: Annotated[str | None, typer.Option(help="Only this rule, as `list` names it.")] = None,
    rows: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """The rows themselves, as they were parsed, each with file, row, column, value and rule."""
    from pipelines import quarantine

    found = quarantine.rows(load_settings(), source, check)
    told = found.head(rows).to_dicts()
    if as_json:
        print_json([{**one, "row_json": json.loads(one["row_json"])} for one in told])
    else:
        show_quarantine.rows(told, found.height)


@app.command()
def replay(source: SourceName = None, as_json: AsJson = False) -> None:
    """Judge them again after a contract or a parser was mended; counts who left and who stayed."""
    from pipelines import quarantine

    try:
        done = quarantine.replay(load_settings(), source)
    except (Busy, ValueError, OSError) as error:
        raise fail(error) from error
    if as_json:
        print_json(asdict(done))
    else:
        show_quarantine.replayed(done)
