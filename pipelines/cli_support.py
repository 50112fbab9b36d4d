"""What every command of `ipw` shares: its settings, how it fails, what it prints for a program."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from pipelines import show
from pipelines.settings import Settings
from pipelines.source import Source
from pipelines.sources import all_sources
from pipelines.trouble import advised

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def load_settings() -> Settings:
    """The settings of the environment; wrong ones are wrong usage."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = (f"IPW_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors())
        raise typer.BadParameter("; ".join(wrong)) from error


def source_named(name: str) -> Source:
    """A source by its id; a wrong one is wrong usage."""
    sources = all_sources()
    if name not in sources:
        raise typer.BadParameter(f"no source {name!r}; known: {', '.join(sources)}")
    return sources[name]


def _known(name: str | None) -> str | None:
    return source_named(name).id if name else None


SourceName = Annotated[str | None, typer.Option(help="Only this source.", callback=_known)]


def fail(error: Exception) -> typer.Exit:
    """Says what failed and what to do; the exit to raise."""
    show.error(advised(str(error)))
    return typer.Exit(1)


@contextmanager
def ending_after(seconds: float, message: str) -> Iterator[None]:
    """Ends the process, with what it says and code 1, if the block is not done by then.

    For what cannot be interrupted: one function of SQL on one long value takes as long as it takes.
    """

    def end() -> None:
        show.error(message)
        os._exit(1)

    watch = threading.Timer(seconds, end)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def print_json(value: Any) -> None:
    """A value as JSON: decimals as numbers, dates as ISO text."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)
