"""What the tests of faults went through, added up over processes and told at the end of a run.

`make torture` prints it; the README shows it. Not here: what is counted.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path


def count(what: str, many: int) -> None:
    """Add to a figure; where nobody asked for figures (IPW_TALLY is not set) it is lost."""
    if path := os.environ.get("IPW_TALLY"):
        with Path(path).open("a", encoding="utf-8") as stream:
            stream.write(f"{many}\t{what}\n")


def told(path: Path) -> str:
    """The sums, one a line, in alphabetical order."""
    sums: Counter[str] = Counter()
    for line in path.read_text(encoding="utf-8").splitlines():
        many, what = line.split("\t")
        sums[what] += int(many)
    return "\n".join(f"{what:<45}{sums[what]:>15,}" for what in sorted(sums))


if __name__ == "__main__":
    import sys

    print(told(Path(sys.argv[1])))
