"""How the command line shows things to a person. No decisions, no data access."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.box import SIMPLE
from rich.console import Console, JustifyMethod
from rich.logging import RichHandler
from rich.table import Table
from rich.text import Text

from pipelines.fetch import FetchReport
from pipelines.runner import Verdict
from pipelines.status import DatasetStatus

if TYPE_CHECKING:
    from pipelines.simulation.files import Written

_BIG = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_UNITS = {
    "CNY": "CNY",
    "USD": "USD",
    "PT": "%",
    "PER_10K_POP": "per 10,000",
    "POINTS": "points",
    "MONTHS": "months",
    "DAYS": "days",
    "YEARS": "years",
    "PERSONS": "persons",
    "NUMBER": "number",
    "PT_YOY": "% y/y",
    "PT_PA": "% a year",
    "TIMES": "times",
    "RANK": "rank",
}


def _out() -> Console:
    # A pipe or a file has no width of its own; a table needs one.
    console = Console()
    return console if console.is_terminal else Console(width=150)


def _grid(title: str | None) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False)


def line(text: str) -> None:
    """One line as it is: brackets are no markup, a long line stays whole."""
    _out().print(Text(text), soft_wrap=True)


def error(message: str) -> None:
    """One message on standard error."""
    _say(Console(stderr=True), "error:", "red", message)


def _say(console: Console, word: str, colour: str, message: str) -> None:
    # Text, because brackets in a message are no markup; unwrapped, so that a path stays whole.
    console.print(Text.assemble((word, colour), " ", message), soft_wrap=True)


@contextmanager
def progress() -> Iterator[None]:
    """What long work does, line by line, on standard error."""
    # This very stream: a run sends what is written to sys.stderr meanwhile to its log.
    console = Console(file=sys.stderr)
    handler = RichHandler(console=console, show_path=False, show_level=False, markup=False)
    log = logging.getLogger("ipw")
    log.setLevel(logging.INFO)
    log.addHandler(handler)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)


def simulated(folder: Path, written: Written) -> None:
    """What a simulation wrote, and which defects it planted."""
    told = written.as_dict()
    table(f"Simulated register in {folder}", told["files"])
    if told["defects"]:
        table("Defects planted; landing must quarantine each", told["defects"])
    if not written.changed:
        _out().print("every file was there already, with the same bytes")


def verdict(result: Verdict) -> None:
    """How a run ended, and what to type next."""
    out = _out()
    for problem in result.problems:
        _say(out, "kept out:", "yellow", problem)
    if result.error:
        error(result.error)
        served = f"still serving build {result.build_id}" if result.build_id else "nothing served"
        _say(out, "Nothing was published", "", f"({served}). Log: {result.log}")
    elif result.published:
        out.print(f"Published build {result.build_id} in {result.seconds:.1f} s.", highlight=False)
    else:
        out.print(
            f"Nothing changed: build {result.build_id} is current ({result.seconds:.1f} s).",
            highlight=False,
        )


def fetched(report: FetchReport) -> None:
    """What one fetch brought."""
    words = ("stored", "unchanged", "incomplete", "failed")
    _out().print(", ".join(f"{report.count(word)} {word}" for word in words), highlight=False)
    for message in report.errors:
        error(message)


def scaled(values: list[float | None], unit: str) -> tuple[list[str], str]:
    """Plain amounts of one unit as people read them: 853990000000 CNY is 853.99, `billion CNY`."""
    largest = max((abs(v) for v in values if v is not None), default=0.0)
    size, word = next(
        ((s, n) for s, n in _BIG if unit in ("CNY", "USD") and largest >= s), (1.0, "")
    )
    shown = ["–" if v is None else f"{v / size:,.7g}" for v in values]
    return shown, f"{word} {_UNITS.get(unit, '')}".strip()


def scorecard(plan: str, rows_: list[dict[str, Any]], *, everything: bool = False) -> None:
    """A plan's main indicators (or all its targets) as a short table, and who published the latest
    values; the mart has every column.
    """
    out = _out()
    main = [row for row in rows_ if row["indicator_no"]]
    chosen = rows_ if everything or not main else main
    if not chosen:
        out.print(f"{plan} has no target with a number.")
        return
    grid = _grid(f"{plan}, as of {chosen[0]['evaluation_date']}")
    grid.add_column("", justify="right")
    grid.add_column("indicator", max_width=36)
    grid.add_column("unit", no_wrap=True)
    for name in ("baseline", "target", "latest", "progress"):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("met since", no_wrap=True)
    grid.add_column("status", no_wrap=True)
    sources = []
    for place, row in enumerate(chosen, 1):
        number = str(row["indicator_no"] or place)
        names = ("baseline", "target", "latest")
        values, unit = scaled([row[f"{name}_value"] for name in names], row["unit"])
        dated = [
            value + (f" ({row[f'{name}_period']})" if value != "–" else "")
            for name, value in zip(names, values, strict=True)
        ]
        progress_ = row["progress_ratio"]
        area = "" if row["ref_area"] == "CHN" else f" ({row['ref_area']})"
        grid.add_row(
            number,
            row["name_en"] + area,
            unit,
            *dated,
            "–" if progress_ is None else f"{progress_:.2f}",
            row["first_met_period"] or "–",
            row["status"],
        )
        if row["publisher"]:
            sources.append(f"[{number}] {row['publisher']}, {row['latest_vintage']}")
    out.print(grid)
    out.print("latest values published by: " + "; ".join(sources), highlight=False, markup=False)
    if len(chosen) < len(rows_):
        out.print(f"{len(rows_) - len(chosen)} further targets of the plan: --all", highlight=False)


def status(lines: list[DatasetStatus]) -> None:
    """Every dataset in one line."""
    listed = [
        {
            "dataset": line.dataset,
            "last attempt": _minute(line.last_attempt),
            "last success": _minute(line.last_success),
            "period": f"{line.period_from} … {line.period_to}" if line.period_from else "",
            "releases": line.releases or "",
            "accepted": f"{line.rows_accepted:,}",
            "quarantined": f"{line.rows_quarantined:,}",
            "refused": line.payloads_refused,
            "freshness": line.freshness
            + (f"; release by {line.late_by_days} days" if line.late_by_days else "")
            + (f"; period by {line.period_late_by_days} days" if line.period_late_by_days else ""),
        }
        for line in lines
    ]
    table("Datasets", listed)
    for note in dict.fromkeys(note for line in lines for note in line.notes):
        _say(_out(), "note:", "cyan", note)
    for message in dict.fromkeys(line.last_error for line in lines if line.last_error):
        error(message)


def _minute(moment: str | None) -> str:
    return moment[:16].replace("T", " ") if moment else "never"


def table(title: str, lines: list[dict[str, Any]]) -> None:
    """Lines with equal keys as a table."""
    grid = _grid(title)
    for place, name in enumerate(lines[0] if lines else ()):
        grid.add_column(name, no_wrap=place == 0, overflow="fold")
    for line in lines:
        grid.add_row(*(Text("" if value is None else str(value)) for value in line.values()))
    _out().print(grid)


def rows(frame: pl.DataFrame) -> None:
    """A query's result; at most 200 rows are shown, and it is said when there are more."""
    grid = _grid(None)
    for name in frame.columns:
        justify: JustifyMethod = "right" if frame.schema[name].is_numeric() else "left"
        grid.add_column(Text(name), justify=justify)
    for row in frame.head(200).iter_rows():
        grid.add_row(*(Text("NULL" if value is None else str(value)) for value in row))
    _out().print(grid)
    more = frame.height - 200
    _out().print(f"{frame.height} rows" + (f", {more} not shown (use --json)" if more > 0 else ""))


def plain(text: str) -> str:
    r"""Text without control characters: `\x1b` is written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
