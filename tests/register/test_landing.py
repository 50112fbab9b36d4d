"""Dropped files of the register on their way to landed rows: what is taken, and what is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import ingest, status
from pipelines.landing import Landing
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.sources.patent_register import SOURCE


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def drop(home: Settings, place: str, content: bytes) -> None:
    path = home.inbox / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_what_an_unseen_generation_lacks_reaches_whoever_dropped_it(
    home: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    header = "Display Key,Publication Date,Patent Score,IPCR Classifications"
    drop(home, "lens/new.csv", f"{header}\nCN 112256133 B,2021-01-29,7,G06F3/01\n".encode())
    with caplog.at_level("INFO", logger="ipw"):
        ingest.collect(SOURCE, home, live=False)
        done = ingest.land(SOURCE, home)
    assert {(one.table_name, one.rows_accepted) for one in done} == {
        ("patent", 1),
        ("ipc_assignment", 1),
    }
    (told,) = {line for one in status.status(home) for line in one.notes}
    lacks, unread = told.removeprefix("new.csv: columns that it lacks: ").split("; ")
    assert {"patent.filing_date", "patent_owner.owner_name"} <= set(lacks.split(", "))
    assert not {"patent.grant_date", "ipc_assignment.ipc_symbol"} & set(lacks.split(", "))
    assert unread == "columns that are not known and not read: Patent Score"
    assert caplog.messages.count(f"patent_register: {told}") == 1  # once, not for every table


def test_files_are_taken_whatever_the_case_of_their_endings(
    home: Settings, shared_path: Callable[[str], Path], caplog: pytest.LogCaptureFixture
) -> None:
    files = sorted(shared_path("data/cnipa_xml").iterdir())
    for file in files:
        drop(home, f"cnipa_xml/{file.name}", file.read_bytes())
    drop(home, "cnipa_xml/notes.docx", b"PK")
    drop(home, "cnipa_xml/.DS_Store", b"x")
    report = ingest.collect(SOURCE, home, live=False)
    assert {receipt.name for receipt in report.receipts} == {file.name for file in files}
    assert all(file.suffix == ".XML" for file in files)
    ignored = [m for m in caplog.messages if "not taken" in m]
    assert len(ignored) == 1
    assert "inbox/cnipa_xml/notes.docx" in ignored[0]
    assert {one.outcome for one in ingest.land(SOURCE, home)} == {"landed"}
    patents = Landing(SOURCE, RawStore(home.raw), home.landed).accepted("patent")
    assert sorted(patents.select("kind_code", "publication_date").rows()) == [
        ("A", dt.date(1987, 2, 4)),  # kinds and days as in the names of the files
        ("A", dt.date(2011, 4, 20)),
        ("A", dt.date(2019, 8, 2)),
        ("B", dt.date(2019, 8, 2)),
    ]
