"""The table of legal event codes: complete for what it claims, and of the register's vocabulary."""

import csv
import doctest
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts import legal_events
from contracts.legal_events import CODES, conveyance, event_kind
from contracts.patent_register import EVENT_KINDS

#: What the EPO's classes of events allow here; a class that is not named allows anything.
CLASSES = {
    "H": {"fee_lapse", "expiry", "abandonment", "revocation", "invalidation", "lapse_in_state"},
    "F": {"grant", "other", "examination"},
    "B": {"application_withdrawn", "application_rejected", "other"},
    "K": {"restoration", "other"},
    "D": {"examination"},
    "G": {"term_adjustment", "other"},
    "Q": {"publication", "correction", "other"},
}


def test_every_kind_is_one_of_the_registers() -> None:
    assert {code.event_kind for code in CODES.values()} <= set(EVENT_KINDS)
    assert all(code.description and code.source for code in CODES.values())
    assert all(code.event_code == code.event_code.strip() for code in CODES.values())


def test_no_code_stands_twice() -> None:
    assert len(CODES) == sum(len(codes) for _, codes, _ in legal_events._LISTS)


def test_the_seed_is_the_table() -> None:
    seed = Path("dbt_project/seeds/legal_event_codes.csv")
    with seed.open(encoding="utf-8", newline="") as file:
        rows = [tuple(row) for row in csv.reader(file)]
    assert rows[0] == legal_events.Code._fields
    assert rows[1:] == sorted(tuple(code) for code in CODES.values())


def test_every_chinese_code_of_the_epos_list_is_there(shared_path: Callable[[str], Path]) -> None:
    path = shared_path("data/epo_legal_event_codes/DERIVED_cn_codes.tsv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert {(row["0"], row["1"].strip()) for row in rows} == {k for k in CODES if k[0] == "CN"}
    for row in rows:
        kind = event_kind("CN", row["1"].strip())
        assert kind in CLASSES.get(row["8"], set(EVENT_KINDS)), row
        if "PLEDGE" in row["10"]:
            assert kind.startswith("pledge_"), row
        if "LICENS" in row["10"] and "INTENTION" not in row["10"]:
            assert kind.startswith("licence"), row


def test_pledges_and_ends_of_chinese_patents() -> None:
    assert [event_kind("CN", code) for code in ("PE01", "PM01", "PC01", "PLDC")] == [
        "pledge_in_force",
        "pledge_changed",
        "pledge_cancelled",
        "pledge_changed",
    ]
    assert [event_kind("CN", code) for code in ("CF01", "CX01", "IW01", "IP01", "C35", "RR01")] == [
        "fee_lapse",
        "expiry",
        "invalidation",
        "partial_invalidation",
        "invalidation_unclear",
        "restoration",
    ]


def test_maintenance_fees() -> None:
    paid = [f"M{entity}55{year}" for entity in "123" for year in "123"]
    old = ["M170", "M173", "M183", "M273", "M283", "M171", "M174", "M184", "M172", "M175", "M185"]
    assert {event_kind("US", code) for code in paid + old} == {"fee_payment"}
    assert event_kind("US", "EXP.") == "fee_lapse"
    assert event_kind("US", "EXPX") == "restoration"  # revival, not death
    assert event_kind("US", "REM.") == "other"


def test_codes_that_inpadoc_cites_are_those_it_shows(shared_path: Callable[[str], Path]) -> None:
    """What real answers cite has a source that was seen; memory ends and restores no right."""
    answers = [
        path.read_text(encoding="utf-8")
        for path in shared_path("data/epo_ops_responses").glob("*.xml")
    ]
    cited = {
        code for text in answers for code in re.findall(r"ORIGINAL EVENT CODE: ([\w.]+)", text)
    }
    assert {"BIG.", "M2551", "M2552", "PTGR", "SMAL"} == cited
    assert legal_events.RECALLED not in {CODES["US", code].source for code in cited}
    recalled = {c.event_kind for c in CODES.values() if c.source == legal_events.RECALLED}
    assert recalled == {"fee_payment", "other"}


def test_an_unknown_code_is_not_other() -> None:
    assert event_kind("CN", "ZZ99") == "unknown:ZZ99"
    assert event_kind("JP", "GR01") == "unknown:GR01"  # codes are of their office
    assert event_kind(None, None) == "unknown:"
    assert "unknown:ZZ99" not in EVENT_KINDS


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ASSIGNMENT OF ASSIGNORS INTEREST (SEE DOCUMENT FOR DETAILS).", "assignment"),
        ("ASSIGNS THE ENTIRE INTEREST", "assignment"),
        ("NUNC PRO TUNC ASSIGNMENT (SEE DOCUMENT FOR DETAILS).", "assignment"),
        ("SECURITY INTEREST (SEE DOCUMENT FOR DETAILS).", "security"),
        ("SECURITY AGREEMENT", "security"),
        ("PATENT SECURITY AGREEMENT", "security"),
        ("First Lien Patent Security Agreement", "security"),
        ("COLLATERAL ASSIGNMENT", "security"),
        ("COLLATERAL ASSIGNMENT OF PATENTS", "security"),
        ("MORTGAGE (SEE DOCUMENT FOR DETAILS).", "security"),
        ("RELEASE BY SECURED PARTY (SEE DOCUMENT FOR DETAILS).", "release"),
        ("TERMINATION AND RELEASE OF SECURITY INTEREST IN PATENTS", "release"),
        ("RELEASE OF SECURITY INTEREST RECORDED AT REEL 012345 FRAME 0678", "release"),
        ("SATISFACTION OF MORTGAGE", "release"),
        ("ASSIGNMENT OF SECURITY INTEREST", "security_moved"),
        ("NOTICE OF SUCCESSION OF AGENCY", "security_moved"),
        ("TERMINATION OF LICENSE AGREEMENT", "license_ended"),
        ("LICENSE (SEE DOCUMENT FOR DETAILS).", "license"),
        ("CONFIRMATORY LICENSE (SEE DOCUMENT FOR DETAILS).", "govern"),
        ("MERGER (SEE DOCUMENT FOR DETAILS).", "merger"),
        ("CHANGE OF NAME (SEE DOCUMENT FOR DETAILS).", "namechg"),
        (
            "CORRECTIVE ASSIGNMENT TO CORRECT THE NAME. ASSIGNOR(S) HEREBY CONFIRMS THE SECURITY "
            "INTEREST.",
            "correct",
        ),
        ("LIS PENDENS", "other"),
        ("BELIEN, JAN", "other"),  # no LIEN within a name
        ("", "missing"),
        (None, "missing"),
    ],
)
def test_conveyances(text: str | None, code: str) -> None:
    assert conveyance(text) == code
    assert event_kind("US", code) in EVENT_KINDS


def test_the_examples_of_the_module() -> None:
    assert doctest.testmod(legal_events).failed == 0


def test_the_csv_can_be_read_back() -> None:
    rows = list(csv.reader(io.StringIO(legal_events.as_csv())))
    assert [len(row) for row in rows] == [5] * (len(CODES) + 1)
