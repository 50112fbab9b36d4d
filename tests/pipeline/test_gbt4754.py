"""The industrial classification: both shapes of the real file give one tree; damage is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from inbox import Inbox

from pipelines.sources.gbt4754 import SOURCE

Shared = Callable[[str], Path]
HEADER = "code\tlevel\tname\n"
TREE = "A\t1\t农业门类\nA01\t2\t农业\nA011\t3\t谷物种植\nA0111\t4\t稻谷种植\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """An empty warehouse."""
    return Inbox(SOURCE, tmp_path)


@pytest.mark.parametrize("name", ["DERIVED_gbt4754_2017.tsv", "IndustryData.js"])
def test_the_standard_of_2017_lands_whole(inbox: Inbox, shared_path: Shared, name: str) -> None:
    (landed,) = inbox.drop(shared_path(f"data/gbt4754_2017/{name}").read_bytes(), name)
    assert (landed.outcome, landed.rows_quarantined) == ("landed", 0)
    cells = inbox.cells("industry")
    # Counts that the standard itself states: 20 sections, 97 divisions, 473 groups, 1 381 classes.
    assert Counter(cells["level"]) == {1: 20, 2: 97, 3: 473, 4: 1381}
    names = dict(cells.select("code", "name").iter_rows())
    assert names["A0111"] == "稻谷种植"
    assert names["C39"] == "计算机、通信和其他电子设备制造业"
    assert dict(cells.select("code", "parent_code").iter_rows())["C3911"] == "C391"
    assert inbox.findings() == []


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("A０１\t2\t农业", "code", "A０１"),
        ("A012\t4\t豆类", None, "A012"),
        ("A012\tthree\t豆类", "level", "three"),
        ("A011\t3\t谷物种植", None, "A011"),
    ],
    ids=["full-width digits", "level", "no number", "twice"],
)
def test_a_bad_entry_is_kept_out_by_name(
    inbox: Inbox, line: str, column: str | None, value: str
) -> None:
    rest = "".join(f"B{n:02}\t2\tx\n" for n in range(30)) + "B\t1\tx\n"
    inbox.drop((HEADER + TREE + rest + line + "\n").encode(), "list.tsv")
    kept_out = inbox.quarantine().to_dicts()
    assert kept_out
    assert {row["column_name"] for row in kept_out} == {column}
    assert all(value in row["value"] for row in kept_out)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEADER + "A\t1\n", "line 2: 2 cells"),
        (
            "code\tname\tlevel\n",
            "line 1: the columns are not those of the table: columns stand in another order",
        ),
        ('[{"title":"A-x"}]', "item 1 of the list"),
        ("const x = [", "neither a table nor a nested list"),
        ("[" * 100_000 + "]", "nested"),
    ],
)
def test_what_is_no_classification_is_refused(inbox: Inbox, text: str, said: str) -> None:
    (landed,) = inbox.drop(text.encode(), "list.tsv")
    assert landed.outcome == "refused"
    assert said in str(landed.message)


def test_a_lost_branch_is_a_finding(inbox: Inbox) -> None:
    inbox.drop((HEADER + TREE.replace("A011\t3\t谷物种植\n", "")).encode(), "list.tsv")
    (finding,) = inbox.findings()
    assert (finding["rule"], finding["expected"]) == ("parent_is_known", "an entry A011")
    assert "A0111 stands below A011" in str(finding["message"])
