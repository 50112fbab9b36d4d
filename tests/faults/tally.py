"""How many faults were really tried, counted while the tests run and printed after them.

`count` appends a line to the file named in IPW_TALLY, from any process; without that variable
nothing is counted. `python tests/faults/tally.py <file>` prints the sums, as `make torture` does.
Not here: what is tried.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

#: Whether `make torture` runs the tests: many cases in place of a few.
TORTURE = os.environ.get("IPW_TORTURE") == "1"


def count(what: str, number: int = 1) -> None:
    """Count cases of a kind, named in the plural as the summary shows it: "hostile answers"."""
    if path := os.environ.get("IPW_TALLY"):
        line = json.dumps({"what": what, "count": number}) + "\n"
        # One write to a file opened for appending: processes do not mix their lines.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)


def sums(path: Path) -> dict[str, int]:
    """The counts in a file, by kind, in alphabetical order."""
    found: Counter[str] = Counter()
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        found[entry["what"]] += entry["count"]
    return dict(sorted(found.items()))


if __name__ == "__main__":
    for what, number in sums(Path(sys.argv[1])).items():
        print(f"{number:>12,}  {what}")
