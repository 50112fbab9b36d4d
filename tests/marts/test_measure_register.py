"""The register of measures: every task and target of the documents, and what could not be read.

The reference table of the documents is read by the csv module. Not here: how targets are judged.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import warehouse_runs as wr

Shared = Callable[[str], Path]
SAME = {
    "patent_trademark_pledge_financing": "ip_pledge_financing_registered",
    "patent_trademark_pledge_financing_growth": "ip_pledge_financing_registered__growth",
    "ip_protection_satisfaction": "ip_protection_social_satisfaction",
}


@pytest.fixture(scope="module")
def register(published_home: Path) -> list[wr.Row]:
    """All rows."""
    return wr.rows(published_home, "select * from mart_measure_register")


@pytest.fixture
def documents(shared_path: Shared) -> list[dict[str, str]]:
    """The reference table of the documents."""
    path = shared_path("reference/plan_document_figures.tsv")
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def document(row: dict[str, str]) -> str:
    return f"doc-{row['document_file'][:3]}"


def test_70_of_the_79_measures_of_2014_are_readable(register: list[wr.Row]) -> None:
    of_2014 = [row for row in register if row["release_id"] == "doc-002"]
    numbers = {row["measure_no"]: row["is_readable"] for row in of_2014}
    assert sorted(numbers) == list(range(1, 80))
    assert sum(numbers.values()) == 70
    assert [number for number, readable in numbers.items() if not readable] == list(range(55, 64))
    assert {(r["measures_printed"], r["measures_readable"]) for r in of_2014} == {(79, 70)}
    unread = [row for row in of_2014 if not row["is_readable"]]
    assert {(r["measure"], r["is_quantified"], r["indicator_id"]) for r in unread} == {
        (None, None, None)
    }
    assert all("left out" in row["note"] for row in unread)


def test_every_capability_and_target_of_the_documents_is_registered(
    register: list[wr.Row], documents: list[dict[str, str]]
) -> None:
    capabilities = {
        (row["release_id"], capability)
        for row in register
        for capability in (row["capability"] or "").split(";")
        if capability
    }
    assert capabilities == {
        (document(row), row["indicator_key"]) for row in documents if row["kind"] == "capability"
    }
    targets = {
        (row["release_id"], row["indicator_id"], row["target_period"])
        for row in register
        if row["target_period"]
    }
    assert targets == {
        (
            document(row),
            SAME.get(row["indicator_key"], row["indicator_key"]),
            re.sub(r"^(end-|2021-)", "", row["period"]),
        )
        for row in documents
        if row["kind"] == "target" and not row["indicator_key"].endswith("__accumulated_change")
    }


def test_a_measure_is_quantified_where_the_document_prints_a_number(
    register: list[wr.Row], documents: list[dict[str, str]]
) -> None:
    printed = {
        (document(row), SAME.get(row["indicator_key"], row["indicator_key"]))
        for row in documents
        if row["kind"] == "target" and re.match("[0-9]", row["value"])
        and "qualitative" not in row["unit_as_written"]
        and not row["indicator_key"].endswith("__accumulated_change")
    }  # fmt: skip
    quantified = {(r["release_id"], r["indicator_id"]) for r in register if r["is_quantified"]}
    assert quantified == printed


def test_verdicts_and_bodies(register: list[wr.Row]) -> None:
    rows = {(r["release_id"], r["indicator_id"]): r for r in register if r["is_quantified"]}
    exam = rows["doc-001", "invention_exam_period"]
    assert (exam["target_value"], exam["target_status"], exam["operator"]) == (15, "met", "le")
    assert exam["bodies"] == "CNIPA"
    assert exam["plan_id"] == "NAT-IP-FYP14"
    pendency = rows["doc-002", "trademark_registration_exam_cycle"]
    opposition = rows["doc-002", "trademark_opposition_pendency"]
    assert pendency["measure_id"] == opposition["measure_id"] == "doc-002-03"
    assert (pendency["target_value"], opposition["target_value"]) == (9, 12)
    attorneys = rows["doc-001", "licensed_patent_attorneys"]
    assert attorneys["bodies"].split(";") == ["CPD", "MOJ", "MOFCOM", "NBS", "CNIPA"]
    nobody = [row for row in register if row["is_readable"] and row["bodies"] is None]
    assert all("names no body" in row["note"] for row in nobody)


def test_no_sentence_of_the_documents_is_carried(
    register: list[wr.Row], shared_path: Shared
) -> None:
    """No run of six words of a task stands in the documents; names of indicators may."""
    text = " ".join(
        " ".join(re.findall("[a-z0-9]+", path.read_text(encoding="utf-8").lower()))
        for path in shared_path("plan_documents").glob("*.txt")
    )
    assert len(text) > 100_000
    copied = [
        row["measure"]
        for row in register
        if row["measure"] and not row["target_period"]
        for words in [re.findall("[a-z0-9]+", row["measure"].lower())]
        for at in range(len(words) - 5)
        if f" {' '.join(words[at : at + 6])} " in text
    ]
    assert copied == []
