"""One measured piece of work in a process of its own, and how the parent starts it.

Seconds are those of the work alone, without the interpreter's start and imports; the peak of
memory is the process's whole. Not here: what the work is.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FIGURES = "figures.json"
#: Counts that a contestant leaves in its folder, sorted by ref_area and year.
COUNTS = "counts.parquet"


@dataclass(frozen=True, order=True)
class Figures:
    """Seconds on the wall, seconds of all processors together, most bytes of memory at once."""

    wall: float
    cpu: float
    peak: int


def work(of: Callable[[Path, Path], None]) -> None:
    """Do the work on the landed tables and the folder of the command line; write its seconds."""
    landed, folder = Path(sys.argv[1]), Path(sys.argv[2])
    wall, cpu = time.monotonic(), time.process_time()
    of(landed, folder)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    (folder / FIGURES).write_text(json.dumps([wall, cpu]))


def measured(script: Path, landed: Path, folder: Path) -> Figures:
    """Figures of one run of a script that does `work`. Raises RuntimeError when it fails."""
    arguments = [sys.executable, str(script), str(landed), str(folder)]
    child = os.posix_spawn(sys.executable, arguments, os.environ)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"{script.name} failed: {os.waitstatus_to_exitcode(status)}")
    wall, cpu = json.loads((folder / FIGURES).read_text())
    return Figures(wall, cpu, usage.ru_maxrss * 1024)
