"""What an operator should do about a fault of the machine, added to the fault's own words.

The words are the system's, DuckDB's and SQLite's: a fault may come out of dbt's or Dagster's
process as text. Not here: faults of data, which say it themselves. docs/runbook.md tells more.
"""

from __future__ import annotations

import re

ADVICE = {
    # SQLite tells of a full disk as an I/O error.
    "No space left on device|disk is full|Disk quota exceeded|File too large|disk I/O error": "no "
    "room to write, or a failing disk: free space (fewer builds: IPW_KEEP_BUILDS; old logs: "
    "warehouse/logs), then `ipw run` again; the last good build keeps serving",
    "Read-only file system|Permission denied|readonly database|unable to open database file": "no "
    "right to write: let this user write below IPW_HOME, on a disk mounted for writing, then `ipw "
    "run` again; reading goes on meanwhile",
    "file is not a database|database disk image is malformed": "Dagster's history is damaged; it "
    "holds no figures: move the folder .dagster below IPW_HOME away, then `ipw run` again",
    "not a valid DuckDB|Could not read enough bytes|Corrupt database|checksum": "the file is "
    "damaged: `ipw run` makes the build again; until then an earlier one can be opened below "
    "warehouse/builds",
    "too small to be a Parquet file|No magic bytes|out of specification|parquet: ": "a landed file "
    "is damaged: `ipw run` lands it again from the stored bytes",
}


def advised(message: str) -> str:
    """The message, and what to do where it tells of a fault of the machine."""
    for words, advice in ADVICE.items():
        if re.search(words, message, re.IGNORECASE) and advice not in message:
            return f"{message}; {advice}"
    return message
