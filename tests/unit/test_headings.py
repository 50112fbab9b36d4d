"""Drift of columns: each kind is told apart and answered as the heading says.

Not here: the headings of real sources (tests/pipeline/test_drift.py).
"""

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.base import Severity
from pipelines.headings import BY_NAME, CHOSEN, EXACT, Answers, Drift, Heading, of_notes
from pipelines.source import Notes, SourceFormatError

COLUMNS = ("area", "year", "value", "published", "note")
#: Answers that land everything with a word, so that the word can be looked at.
LANDS: Answers = dict.fromkeys(Drift, Severity.WARN)


def heading(answers: Answers = LANDS) -> Heading:
    return Heading(
        "a table",
        COLUMNS,
        numbers=frozenset({"value"}),
        optional=frozenset({"note"}),
        answers=answers,
    )


def told(names: list[str], **cells: Sequence[str | None]) -> list[tuple[str, str]]:
    return [(one.rule, one.message) for one in heading().judge("f, line 1", names, cells)]


def test_the_columns_that_it_always_had_are_no_drift() -> None:
    assert told(list(COLUMNS)) == []
    assert told(["area", "year", "value", "published"]) == []  # one that may be missing


@pytest.mark.parametrize(
    ("names", "rule", "message"),
    [
        (
            ["area", "year", "value", "published", "note", "flag"],
            "column_added",
            "column 'flag' is new",
        ),
        (["area", "value", "published", "note"], "column_gone", "column 'year' is gone"),
        (
            ["area", "year", "Value", "published"],
            "column_renamed",
            "column 'value' is gone and 'Value' came: renamed",
        ),
        (
            ["area", "year", "obs", "published", "note"],
            "column_renamed",
            "column 'value' is gone and 'obs' came: renamed",
        ),
        (
            ["year", "area", "value", "published"],
            "columns_reordered",
            "columns stand in another order: year, area, value, published",
        ),
    ],
    ids=["added", "gone", "renamed, alike", "renamed, same place", "reordered"],
)
def test_each_kind_is_told_apart(names: list[str], rule: str, message: str) -> None:
    assert told(names) == [(rule, f"f, line 1: {message}")]


@given(st.permutations(list(COLUMNS)))
def test_any_other_order_is_that_and_nothing_else(names: list[str]) -> None:
    rules = [rule for rule, _ in told(names)]
    assert rules == ([] if names == list(COLUMNS) else ["columns_reordered"])


@given(
    gone=st.sets(st.sampled_from(["area", "year", "value", "published"])),
    come=st.lists(st.from_regex(r"\A[A-Z]{8}\Z"), unique=True, max_size=4),
)
def test_nothing_that_came_or_went_is_left_out(gone: set[str], come: list[str]) -> None:
    names = [name for name in COLUMNS if name not in gone] + come
    assume(len(names) != len(COLUMNS))  # else a place may tell of a new name
    found = told(names)
    messages = dict(found)
    for rule, names_told, word in (
        ("column_gone", [name for name in COLUMNS if name in gone], "gone"),
        ("column_added", come, "new"),
    ):
        told_of = "; ".join(f"column {name!r} is {word}" for name in names_told)
        assert messages.pop(rule, "f, line 1: ") == f"f, line 1: {told_of}"
    assert messages == {}


def test_a_column_that_holds_something_else_is_told_with_an_example() -> None:
    numbers = [str(at) for at in range(20)]
    words = [f"about {at}" for at in range(20)]
    assert told(list(COLUMNS), value=numbers) == []
    assert told(list(COLUMNS), value=words) == [
        (
            "column_retyped",
            "f, line 1: column 'value' held numbers and holds something else now, such as "
            "'about 0'",
        )
    ]
    # Text may look like anything.
    assert told(list(COLUMNS), area=numbers) == []


def test_a_few_bad_cells_are_for_the_contract_to_name() -> None:
    mostly = ["1"] * 18 + ["n/a", "n/a"]
    assert told(list(COLUMNS), value=mostly) == []
    assert len(told(list(COLUMNS), value=[*mostly, "n/a"])) == 1
    # Nine filled cells, or blanks, tell nothing of a column.
    assert told(list(COLUMNS), value=["n/a"] * 9 + [None, "", " "]) == []


@pytest.mark.parametrize(
    ("cell", "is_number"),
    [
        ("1", True),
        ("-2.5", True),
        ("1,234", True),
        ("6.02e23", True),
        ("12.5%", True),
        (".5", True),
        ("2026-01-28", False),
        ("CHN", False),
        ("１２", False),
        ("1 2", False),
    ],
)
def test_what_is_a_number(cell: str, is_number: bool) -> None:
    assert (told(list(COLUMNS), value=[cell] * 10) == []) == is_number


def test_a_wide_header_gives_one_message_of_bounded_length() -> None:
    names = [*COLUMNS, *(f"surplus {at}" for at in range(16_000))]
    [(rule, message)] = told(names)
    assert (rule, message.count("is new")) == ("column_added", 10)
    assert message.endswith("and 15990 more")
    with pytest.raises(SourceFormatError) as refused:
        heading(EXACT).judge("f", names)
    assert len(str(refused.value)) < 1500


@pytest.mark.parametrize(
    ("answers", "names", "lands"),
    [
        (BY_NAME, [*COLUMNS, "flag"], True),
        (BY_NAME, ["area", "year", "published"], False),
        (BY_NAME, ["year", "area", "value", "published"], True),
        (BY_NAME, ["area", "year", "Value", "published"], False),
        (EXACT, [*COLUMNS, "flag"], False),
        (EXACT, ["year", "area", "value", "published"], True),
        (CHOSEN, ["area", "flag"], True),
        (CHOSEN, ["area", "year", "Value", "published"], True),
    ],
)
def test_the_policy_answers(answers: Answers, names: list[str], lands: bool) -> None:
    if lands:
        heading(answers).judge("f", names)
    else:
        with pytest.raises(SourceFormatError, match=r"^f: the columns are not those of a table: "):
            heading(answers).judge("f", names)


def test_a_kind_without_an_answer_is_passed_over() -> None:
    assert heading(EXACT).judge("f", ["year", "area", "value", "published"]) == ()
    assert [one.rule for one in heading(CHOSEN).judge("f", ["area", "flag"])] == ["column_added"]


def test_a_refusal_names_all_that_is_wrong() -> None:
    with pytest.raises(SourceFormatError) as refused:
        heading(BY_NAME).judge("f, line 5", ["year", "area", "Value", "published", "flag", "x"])
    assert str(refused.value) == (
        "f, line 5: the columns are not those of a table: column 'value' is gone and 'Value' came: "
        "renamed; column 'flag' is new; column 'x' is new; columns stand in another order: year, "
        "area, published; they are: year, area, Value, published, flag, x"
    )


def test_a_name_that_stands_twice_can_not_be_read() -> None:
    with pytest.raises(SourceFormatError, match="f: columns that stand twice: area"):
        heading().judge("f", ["area", "area", "year", "value", "published"])


def test_columns_reject_no_rows() -> None:
    with pytest.raises(ValueError, match="can fail or warn, not reject rows"):
        heading({**BY_NAME, Drift.ADDED: Severity.REJECT})


def test_an_export_of_chosen_columns_warns_of_what_was_not_read() -> None:
    notes = Notes(lacks=["Publication Date", "Owners"], unread=["Publication  date", "Sequence"])
    assert [(one.rule, one.message) for one in of_notes("lens.csv", notes)] == [
        (
            "column_renamed",
            "lens.csv: column 'Publication Date' is gone and 'Publication  date' came: renamed",
        ),
        ("column_added", "lens.csv: column 'Sequence' is new"),
    ]
