"""Writing files so that a reader, or a crash, never meets half of one.

Not here: what the files mean.
"""

from __future__ import annotations

import filecmp
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl


def write_atomic(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a temporary neighbour of `path`, force it to disk, then rename it over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o644)
        settle(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def settle(temporary: Path, path: Path) -> None:
    """Force a finished file to disk and rename it over `path`."""
    with temporary.open("rb") as done:
        os.fsync(done.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def write_changed(path: Path, write: Callable[[Path], None]) -> bool:
    """As `write_atomic`, but a file that has these bytes already stays; returns whether it did not.

    The bytes are made first, in the folder's hidden neighbour, and thrown away if nothing changed.
    """
    made = path.with_name(f".{path.name}.made")
    write_atomic(made, write)
    try:
        if path.exists() and filecmp.cmp(made, path, shallow=False):
            return False
        made.replace(path)
        sync_folder(path.parent)
        return True
    finally:
        made.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what died half-written below a folder: everything hidden. Only for its one writer."""
    for place, folders, names in os.walk(folder):
        for name in [name for name in folders if name[0] == "."]:
            folders.remove(name)
            shutil.rmtree(Path(place, name))
        for name in names:
            if name[0] == ".":
                Path(place, name).unlink()


def sync_folder(folder: Path) -> None:
    """Force a folder's entries (a rename) to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes(path: Path, content: bytes) -> None:
    """Atomic write of bytes."""
    write_atomic(path, lambda temporary: _discard(temporary.write_bytes(content)))


def write_json(path: Path, value: Any) -> None:
    """Atomic write of readable JSON with sorted keys."""
    write_bytes(path, json_bytes(value))


def json_bytes(value: Any) -> bytes:
    """Readable JSON with sorted keys."""
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n"
    return text.encode()


def write_parquet(path: Path, frame: pl.DataFrame) -> None:
    """Atomic write of a Parquet file; equal frames give equal bytes."""
    write_atomic(path, lambda temporary: frame.write_parquet(temporary, compression="zstd"))


def is_parquet(path: Path) -> bool:
    """Whether a file is there and ends as Parquet does: one that was cut off does not."""
    if not path.exists() or path.stat().st_size < len(b"PAR1"):
        return False
    with path.open("rb") as stream:
        stream.seek(-len(b"PAR1"), os.SEEK_END)
        return stream.read() == b"PAR1"


def sha256_of(path: Path) -> str:
    """Hash of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _discard(_: object) -> None:
    """Turns a call for its effect into a callable that returns nothing."""
