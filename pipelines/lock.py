"""One writer at a time, across processes.

The lock belongs to the operating system: when its holder dies it is free at once, so there is no
stale lock to clear by hand. What a dead holder left half-written goes when the next one begins.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import BaseFileLock, FileLock, Timeout

from pipelines.files import sweep
from pipelines.settings import Settings

log = logging.getLogger("ipw")


class Busy(RuntimeError):
    """Another run is writing."""


@contextmanager
def writer(settings: Settings) -> Iterator[None]:
    """Hold the write lock of one IPW_HOME; waits `lock_seconds`, then raises Busy."""
    path = settings.warehouse / ".lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, is_singleton=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.info("another run is writing: waiting for it")
        _wait(lock, settings.lock_seconds)
    try:
        if lock.lock_counter == 1:
            for folder in (settings.raw / "objects", settings.raw / "receipts", settings.landed):
                sweep(folder)
        yield
    finally:
        lock.release()


def _wait(lock: BaseFileLock, seconds: float) -> None:
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        raise Busy(
            f"another run has been writing for more than {seconds:.0f} s "
            f"(lock: {lock.lock_file}); wait for it, or see what it does with `ipw status`"
        ) from None
