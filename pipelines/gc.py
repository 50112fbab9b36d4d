"""What may be removed without a loss: leftovers of runs that died, old logs, bytes without receipt.

Published builds retire by themselves (publish.retire), here too. Never removed: a receipt, the
bytes of one, a landed row, a kept build. Not here: finding damage (verify.py).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines import publish
from pipelines.lock import writer
from pipelines.raw_store import RawStore
from pipelines.settings import Settings

_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Removed:
    """A file or folder that went (or would go), its bytes, and why."""

    path: str
    size: int
    why: str


def collect(settings: Settings, *, dry_run: bool = False) -> list[Removed]:
    """Remove what nothing needs; tells what. Raises Busy while a run is writing."""
    with writer(settings):
        found = [Removed(str(p), _size(p), why) for p, why in _needless(settings)]
        for one in () if dry_run else found:
            path = Path(one.path)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    return found


def _needless(settings: Settings) -> Iterator[tuple[Path, str]]:
    raw = RawStore(settings.raw)
    # What died half-written among raw and landed files went when the lock was taken.
    for path in sorted(settings.builds.glob(".*")):
        yield path, "left by a run that died"
    for path in sorted(settings.warehouse.glob(".rebuilding-*")):
        yield path, "left by a rebuild that died"
    for path in publish.retired(settings):
        yield path, f"beyond the newest {settings.keep_builds} builds"
    before = time.time() - settings.keep_log_days * _DAY
    for path in sorted((settings.warehouse / "logs").glob("*.log")):
        if path.stat().st_mtime < before:
            yield path, f"older than {settings.keep_log_days} days"
    told = {
        receipt.sha256
        for folder in sorted(raw.receipts.glob("*"))
        for receipt in raw.attempts(folder.name)
    }
    for path in sorted(raw.objects.glob("[!.]*/[!.]*")):
        if path.name not in told:
            yield path, "no receipt tells of these bytes"


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(file.stat().st_size for file in files)
