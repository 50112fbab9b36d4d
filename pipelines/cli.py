"""The command line `ipw`: thin, every command one call into the rooms behind it.

Here: the warehouse's commands. Not here: those about patents (cli_patents.py) and
about proof (cli_trust.py).

Exit codes: 0 done; 1 nothing was published, or the command failed; 2 wrong usage; 3 published, but
something was refused or could not be got.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import duckdb
import polars as pl
import typer

from pipelines import cli_contracts, cli_operations, cli_patents, cli_quarantine, cli_trust, show
from pipelines.cli_support import (
    AsJson,
    ending_after,
    fail,
    load_settings,
    print_json,
    source_named,
)
from pipelines.secrecy import without_secrets
from pipelines.sources import all_sources

app = typer.Typer(
    help="Open-data warehouse of intellectual-property statistics.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
DEFAULT_PLAN = "NAT-IP-FYP14"
app.add_typer(cli_patents.app)
app.add_typer(cli_trust.app)
app.add_typer(cli_operations.app)
app.add_typer(cli_quarantine.app, name="quarantine")
app.add_typer(cli_contracts.app, name="contracts")


@app.command()
def run(
    live: Annotated[bool, typer.Option(help="Ask the sources' addresses too.")] = False,
    source: Annotated[str | None, typer.Option(help="Only this source and what follows.")] = None,
    evaluation_date: Annotated[
        str | None, typer.Option(help="Judge plans as of this day, YYYY-MM-DD (default: today).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Get, land, build, check and publish; says so when nothing changed."""
    from pipelines import runner

    if source:
        source_named(source)
    if evaluation_date:
        _set_evaluation_date(evaluation_date)
    settings = load_settings()
    with show.progress():
        verdict = runner.run(settings, job=source or "warehouse", live=live)
    if as_json:
        print_json(vars(verdict))
    else:
        show.verdict(verdict)
    if verdict.error:
        raise typer.Exit(1)
    if verdict.problems:
        raise typer.Exit(3)


def _set_evaluation_date(text: str) -> None:
    import os

    try:
        os.environ["IPW_EVALUATION_DATE"] = dt.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise typer.BadParameter(f"--evaluation-date: {error}") from error


@app.command()
def fetch(source: str, as_json: AsJson = False) -> None:
    """Ask one source's address (and its inbox) for bytes; `ipw run` lands them."""
    from pipelines import ingest, lock

    settings = load_settings()
    chosen = source_named(source)
    try:
        with show.progress(), lock.writer(settings):
            report = ingest.collect(chosen, settings, live=True)
    except (lock.Busy, OSError) as error:
        raise fail(error) from error
    if as_json:
        print_json([vars(receipt) for receipt in report.receipts])
    else:
        show.fetched(report)
    if report.errors:
        raise typer.Exit(3)


@app.command()
def simulate(
    patents: Annotated[int, typer.Option(help="How many granted inventions, dead ones included.")],
    seed: Annotated[int, typer.Option(help="Another seed, another register.")] = 1,
    defects: Annotated[float, typer.Option(help="Share of rows to spoil, 0 to 1.")] = 0.0,
    into: Annotated[
        Path | None, typer.Option(help="Folder for the files (default: raw/inbox/simulated).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a simulated national register in the adapters' formats, for `ipw run` to land apart."""
    from pipelines.simulation import files
    from pipelines.sources.simulated_register import FOLDER

    folder = into or load_settings().inbox / FOLDER
    try:
        with show.progress():
            written = files.write(folder, patents, seed, defects)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    except OSError as error:
        raise fail(error) from error
    if as_json:
        print_json(written.as_dict())
    else:
        show.simulated(folder, written)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Each dataset: last attempt and success, period covered, rows, freshness."""
    from pipelines import status as state

    try:
        lines = state.status(load_settings())
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise fail(error) from error
    if as_json:
        print_json([line.as_dict() for line in lines])
    else:
        show.status(lines)


@app.command()
def scorecard(
    plan: Annotated[str, typer.Argument()] = DEFAULT_PLAN,
    everything: Annotated[
        bool, typer.Option("--all", help="Also the targets beside the main indicators.")
    ] = False,
    as_of: Annotated[
        str | None, typer.Option(help="On what was published by this day, YYYY-MM-DD.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How a plan is going, target by target."""
    from pipelines import serve

    try:
        day = dt.date.fromisoformat(as_of) if as_of else None
    except ValueError as error:
        raise typer.BadParameter(f"--as-of: {error}") from error
    try:
        rows = serve.scorecard(load_settings(), plan, day)
    except (serve.NothingPublished, LookupError) as error:
        raise fail(error) from error
    if as_json:
        print_json(rows)
    else:
        show.scorecard(plan, rows, everything=everything)


@app.command()
def query(sql: str, as_json: AsJson = False) -> None:
    """Run one SQL statement on the published warehouse, read-only and within limits."""
    from pipelines import serve

    settings = load_settings()
    longest = 2 * settings.query_seconds
    try:
        with ending_after(longest, f"ended after {longest:g} s: the query could not be stopped"):
            rows = serve.query(settings, sql)
    except (serve.NothingPublished, duckdb.Error) as error:
        raise fail(error) from error
    if as_json:
        print_json(rows.to_dicts())
    else:
        show.rows(rows)


@app.command()
def sources(as_json: AsJson = False) -> None:
    """The sources: publisher, licence, cadence, address, where to drop files."""
    settings = load_settings()
    lines = [
        {
            "source": source.id,
            "title": source.title,
            "publisher": source.publisher,
            "licence": source.licence.id,
            "attribution": source.licence.attribution,
            "cadence": source.cadence.name.lower(),
            "address": without_secrets(settings.base_url(source.id, source.default_base_url)),
            "inbox": ", ".join(str(settings.inbox / name) for name in source.inbox_folders)
            if source.accepts
            else None,
        }
        for source in all_sources().values()
    ]
    if as_json:
        print_json(lines)
    else:
        show.table("Sources", lines)


@app.command(hidden=True)
def generate(check: Annotated[bool, typer.Option(help="Only say what is stale.")] = False) -> None:
    """Write the files that follow from the contracts."""
    from pipelines import codegen

    try:
        stale = codegen.out_of_date() if check else codegen.write()
    except codegen.BreakingChange as error:
        raise fail(error) from error
    for path in stale:
        typer.echo(f"{'out of date' if check else 'written'}: {path}")
    if check and stale:
        show.error("run `make generate` and commit what it writes")
        raise typer.Exit(1)


@app.command(hidden=True)
def manifest() -> None:
    """Let dbt parse its project and make Dagster's home, so that Dagster can load."""
    from pipelines import build, runner

    typer.echo(build.ensure_manifest())
    runner.prepare_dagster(load_settings())


if __name__ == "__main__":
    app()
