"""The README shows what the commands print: every example is run and compared.

Not here: what the figures should be (tests/marts).
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import warehouse_runs as wr

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
#: Command and printed lines of each example.
EXAMPLES = [
    (shlex.split(match["command"].replace("\n", " ")), match["printed"])
    for match in re.finditer(
        r"```\n\$ \.venv/bin/ipw (?P<command>(?:[^\n\"]|\"[^\"]*\")+)\n(?P<printed>.*?)```",
        README,
        re.DOTALL,
    )
]


def words(text: str) -> list[list[str]]:
    """The words of each line; blanks, rules and the day of the build do not count."""
    lines = [line.split() for line in text.splitlines() if line.strip(" ─")]
    return [line for line in lines if line[1:3] != ["as", "of"]]


def test_the_readme_has_the_scorecard_six_queries_and_three_of_patents() -> None:
    assert [command[0] for command, _ in EXAMPLES] == ["scorecard", *["query"] * 9]
    assert [" simulated." in command[-1] for command, _ in EXAMPLES] == [False] * 7 + [True] * 3


@pytest.mark.parametrize(("command", "printed"), EXAMPLES)
def test_an_example_prints_what_the_readme_says(
    request: pytest.FixtureRequest, command: list[str], printed: str
) -> None:
    # Only what needs the simulated register waits for it.
    home = "simulated_home" if " simulated." in command[-1] else "published_home"
    done = wr.ipw(request.getfixturevalue(home), *command)
    assert done.returncode == 0, done.stderr
    said = words(done.stdout)
    shown = words(printed)
    assert len(shown) > 3
    # After the table the program adds how many rows there are, or who published.
    assert said[: len(shown)] == shown
