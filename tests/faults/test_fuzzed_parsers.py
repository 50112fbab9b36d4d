"""Damaged files of every source, landed as a run lands them: rows that keep the contract, or a
refusal that names the file; never another exception, never a hang.

IPW_FUZZ_EXAMPLES sets how many files of each source are damaged. Not here: what real files must
give (tests/pipeline, tests/regional, tests/register).
"""

from __future__ import annotations

import datetime as dt
import faulthandler
import math
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
import samples
import tally
from hypothesis import HealthCheck, given, settings
from inbox import Inbox
from mutations import damaged
from samples import Sample

from contracts.base import key
from pipelines.landing import Landed
from pipelines.sources import all_sources

Shared = Callable[[str], Path]
EXAMPLES = int(os.environ.get("IPW_FUZZ_EXAMPLES", "300" if tally.TORTURE else "12"))
#: Reading a workbook is a process of its own, bounded at 30 s of processor time.
SLOWEST = dt.timedelta(seconds=45)
#: After so many seconds an example hangs, and its stack is printed.
HANGS: Final = 120
#: Of a source each of whose examples lands eight files, a tenth as many.
SLOW_SOURCE: Final = "official_releases"
#: Files of the reviewed figures whose rows refer to rows of the files beside them.
REFERRING = ("observations", "targets")
SOURCES = list(all_sources())


def land(source_id: str, *dropped: Sample) -> list[Landed]:
    """Land files one after the other in a home of their own; what became of the last."""
    with tempfile.TemporaryDirectory() as folder:
        inbox = Inbox(all_sources()[source_id], Path(folder))
        return [judged(inbox, sample) for sample in dropped][-1]


def judged(inbox: Inbox, sample: Sample) -> list[Landed]:
    """Rows that keep the contract, or a refusal that names the file or the rule; nothing else."""
    name = sample.place.rpartition("/")[2]
    results = inbox.drop(sample.content, name, sample.released, url=sample.place)
    assert results
    for result in results:
        assert result.outcome in ("landed", "refused")
        if result.table_name == "*" and result.outcome == "refused":
            assert name in str(result.message), result.message
    for table, contract in inbox.source.tables.items():
        keeps(inbox.cells(table), key(contract))
    return results


def keeps(rows: pl.DataFrame, unique: list[str]) -> None:
    """Finite numbers, keys that stand once, days of the calendar that archives know."""
    for name, type_ in rows.schema.items():
        found: list[Any] = rows[name].drop_nulls().to_list()
        if type_ in (pl.Float64, pl.Float32):
            assert all(math.isfinite(value) for value in found), name
        if type_ == pl.Date and name != "release_date":
            assert all(dt.date(1700, 1, 1) <= day < dt.date(2200, 1, 1) for day in found), name
    if unique:
        keys = rows.select(unique).rows()
        assert len(keys) == len(set(keys)), unique


@pytest.mark.parametrize("source_id", SOURCES)
def test_a_damaged_file_lands_right_or_is_refused_by_name(
    source_id: str, shared_path: Shared
) -> None:
    mine = samples.of(source_id, shared_path)
    others = [one for other in samples.MADE for one in samples.MADE[other]()]

    def before(sample: Sample) -> list[Sample]:
        # Rows of these files refer to rows of the others.
        refers = source_id == "official_releases" and Path(sample.place).stem in REFERRING
        return [one for one in mine if Path(one.place).stem not in REFERRING] if refers else []

    @given(sample=damaged(mine, others))
    @settings(
        max_examples=EXAMPLES // 10 + 2 if source_id == SLOW_SOURCE else EXAMPLES,
        deadline=SLOWEST,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        derandomize=not tally.TORTURE,
    )
    def fuzz(sample: Sample) -> None:
        tally.count("files damaged at random and landed")
        faulthandler.dump_traceback_later(HANGS, exit=True)
        land(source_id, *before(sample), sample)

    for whole in mine:
        assert {result.outcome for result in land(source_id, *before(whole), whole)} == {"landed"}
    try:
        fuzz()
    finally:
        faulthandler.cancel_dump_traceback_later()


#: Damage that once ended the whole run instead of one file: source, ending of the file, content.
ONCE_BROKEN = [
    ("gbt4754", "json", b'[{"title": "A-x", "value": "A", "children": 5}]'),
    ("gbt4754", "json", b'[{"title": "A-\\ud800", "value": "A"}]'),
    ("gbt4754", "json", b'[{"title": "A-x", "value": ' + b"9" * 5000 + b"}]"),
    ("nbs_easyquery", "json", b'{"data": [{"code": ' + b"9" * 5000 + b"}]}"),
    (
        "nbs_easyquery",
        "json",
        b'{"data": "\\ud800", "success": true, "state": 20000, "message": ""}',
    ),
    ("nbs_easyquery", "yaml", b"0000-00-00:\n- request:\n    method: POST\nversion: 1\n"),
    (
        "oecd",
        "csv",
        b"STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,,OBS_VALUE,,TIME_PERIOD\na,b,c,d,e,f,g\n",
    ),
]


@pytest.mark.parametrize(("source_id", "ending", "content"), ONCE_BROKEN)
def test_what_once_broke(source_id: str, ending: str, content: bytes) -> None:
    land(source_id, Sample(f"inbox/{source_id}/once.{ending}", content, samples.DAY))
