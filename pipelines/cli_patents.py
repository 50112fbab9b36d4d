"""Commands about patents: one patent explained, high-value patents counted.

Not here: the commands of the warehouse (pipelines/cli.py), reading, printing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated

import typer

from pipelines import show_patents
from pipelines.cli_support import AsJson, fail, load_settings, print_json

app = typer.Typer()
Simulated = Annotated[
    bool, typer.Option("--simulated", help="Ask the simulated register, not the real one.")
]


@app.command()
def explain(
    number: Annotated[str, typer.Argument(help="Application or publication, in any spelling.")],
    rule: Annotated[str | None, typer.Option(help="Only this version of the rule.")] = None,
    simulated: Simulated = False,
    as_json: AsJson = False,
) -> None:
    """One patent: its conditions, since when, and the bytes that say so."""
    from pipelines import explain, serve

    try:
        told = explain.patent(load_settings(), number, rule=rule, simulated=simulated)
    except (serve.NothingPublished, LookupError) as error:
        raise fail(error) from error
    if as_json:
        print_json(asdict(told))
    else:
        show_patents.explained(told)
    if told.unproven:
        raise fail(ValueError("; ".join(told.unproven)))


@app.command()
def high_value(
    at: Annotated[str, typer.Option(help="Day, YYYY-MM-DD.")],
    rule: Annotated[str, typer.Option(help="Version of the rule.")] = "v2021_five",
    region: Annotated[
        str | None, typer.Option(help="Only this area: CN-GD, CHN, WLD … (default: an overview).")
    ] = None,
    office: Annotated[str, typer.Option(help="Office of the patents, WIPO ST.3.")] = "CN",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A parameter of the rule, such as maintenance_from=grant."),
    ] = None,
    simulated: Simulated = False,
    as_json: AsJson = False,
) -> None:
    """Valid and high-value inventions on a day, with lower and upper bound."""
    from pipelines import high_value, serve

    try:
        day = dt.date.fromisoformat(at)
    except ValueError as error:
        raise typer.BadParameter(f"--at: {error}") from error
    chosen = _chosen(set_ or [])
    try:
        stock = high_value.stock(
            load_settings(), day, rule=rule, office=office, region=region, chosen=chosen,
            simulated=simulated,
        )  # fmt: skip
    except (serve.NothingPublished, LookupError) as error:
        raise fail(error) from error
    if as_json:
        print_json(asdict(stock))
    else:
        show_patents.stock(stock)


def _chosen(texts: list[str]) -> dict[str, str]:
    """Parameters by name, of texts name=value."""
    chosen: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name in chosen:
            raise typer.BadParameter(f"--set {text}: give each parameter once, as name=value")
        chosen[name] = value
    return chosen
