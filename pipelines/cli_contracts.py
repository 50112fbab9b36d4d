"""Commands on contracts. Not here: what they say, what a change means, rows kept out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipelines import show
from pipelines.cli_support import AsJson, print_json
from pipelines.sources import all_sources

app = typer.Typer(help="What the landed tables promise.")


@app.callback(invoke_without_command=True)
def contracts(context: typer.Context, as_json: AsJson = False) -> None:
    """The contracts: key, columns and reject limit of every landed table."""
    if context.invoked_subcommand:
        return
    from contracts.base import key, reject_limit, terms_of
    from pipelines.codegen import columns

    lines = [
        {
            "dataset": f"{source.id}.{table}",
            "version": terms_of(contract)["version"],
            "key": ", ".join(key(contract)),
            "columns": len(columns(contract)),
            "reject_limit": reject_limit(contract).in_words,
        }
        for source in all_sources().values()
        for table, contract in source.tables.items()
    ]
    if as_json:
        print_json(lines)
    else:
        show.table("Contracts (columns: docs/data_dictionary.md)", lines)


@app.command()
def diff(
    against: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="contracts/odcs of another version of the project."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How the code's contracts differ from published ones: what breaks readers, what does not.

    Published ones are those of contracts/odcs, and those that git had before its last change there.
    """
    from pipelines import codegen

    found = codegen.changes(against=against)
    if against is None:
        found = list(dict.fromkeys([*found, *codegen.last_changes()]))
    if as_json:
        print_json([{**asdict(one), "is_refused": one.is_refused} for one in found])
    else:
        for one in found:
            where = f"{one.contract}{f'.{one.column}' if one.column else ''}"
            word = "breaking" if one.is_breaking else "harmless"
            show.line(f"{word}: {where}: {one.what} ({one.version_before} -> {one.version})")
        show.line(f"{len(found)} changes, {sum(one.is_breaking for one in found)} of them breaking")
    if refused := [one for one in found if one.is_refused]:
        show.error(f"{len(refused)} break readers without a new major version")
        raise typer.Exit(1)
