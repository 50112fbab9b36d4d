"""Every World Bank file of the reference material, landed or refused, and why.

Not here: what a landed file's cells are (test_world_bank_files.py).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from inbox import Inbox

from pipelines.sources.world_bank import SOURCE

Shared = Callable[[str], Path]

#: Files by folder, outcome and what is said. Two folders hold what other people reshaped or typed,
#: with headings of theirs: it says neither which series nor which release it is.
SAID = Counter(
    {
        ("api_v2_bodies", "landed", ""): 15,
        ("api_v2_bodies", "the same bytes as another file", ""): 1,
        ("api_v2_bodies", "refused", "no known series; it holds SL.UEM.TOTL.ZS"): 1,
        ("api_v2_bodies", "refused", "no known series; it holds SP.DYN.CBRT.IN"): 1,
        ("ds2_release_2021-09", "landed", ""): 2,
        ("ds2_release_2021-09", "landed", "descriptions of series, left out"): 1,
        ("ds2_release_2026-01", "landed", ""): 4,
        ("ds2_release_2026-01", "landed", "descriptions of series, left out"): 2,
        ("transcribed_designs_trademarks", "refused", "line 1: begins with 'geo'"): 3,
        ("wdi_release_2013", "landed", ""): 13,
        ("wide_release_2024", "refused", "line 1: begins with 'country_code'"): 9,
    }
)
DAYS = {
    "wdi_release_2013": dt.date(2013, 12, 18),
    "wide_release_2024": dt.date(2024, 12, 16),
    "transcribed_designs_trademarks": dt.date(2024, 12, 16),
}


def test_every_real_file_lands_or_is_refused_with_a_reason(
    tmp_path: Path, shared_path: Shared
) -> None:
    inbox = Inbox(SOURCE, tmp_path)
    files = [path for path in sorted(shared_path("data/world_bank").rglob("*")) if path.is_file()]
    assert len(files) == sum(SAID.values())
    found: Counter[tuple[str, str, str]] = Counter()
    for path in files:
        folder = path.parent.name
        drops = inbox.drop(path.read_bytes(), path.name, DAYS.get(folder))
        if not drops:
            found[folder, "the same bytes as another file", ""] += 1
            continue
        (landed,) = drops
        message = str(landed.message or "")
        told = [key for key in SAID if key[:2] == (folder, landed.outcome) and key[2] in message]
        assert told, (path.name, landed.outcome, message)
        assert not message or path.name in message
        assert landed.rows_quarantined == 0
        found[max(told, key=lambda key: len(key[2]))] += 1
    assert found == SAID
