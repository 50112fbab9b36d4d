"""A dropped payload's files: itself, or the members of a zip within bounds.

For payloads that are held in memory. Not here: what a member means; streams of large files
(sources/patent_register/unpack.py).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final

from pipelines.source import SourceFormatError

#: A download of statistics is a zip of a few files of a few MB; beyond these bounds it is none.
MAX_MEMBERS: Final = 50
MAX_UNPACKED_BYTES: Final = 512 * 2**20
MAX_RATIO: Final = 200

_DAMAGE: Final = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError, ValueError)
_Info = zipfile.ZipInfo


def is_zip(content: bytes) -> bool:
    """Whether the bytes begin as a zip does."""
    return content.startswith(b"PK")


def members(name: str, content: bytes) -> list[tuple[str, bytes]]:
    """Name and bytes of the payload's files; `name` itself where it is no zip.

    Bounds are checked before anything is unpacked. Raises SourceFormatError where the zip is
    damaged, encrypted or beyond them, or holds a zip.
    """
    if not is_zip(content):
        return [(name, content)]
    archive, found = within_bounds(name, content)
    unpacked = []
    for member in found:
        try:
            part = archive.read(member)
        except _DAMAGE as error:
            raise SourceFormatError(
                f"{name}/{member.filename}: damaged ({error}); download the zip again"
            ) from error
        unpacked.append((f"{name}/{member.filename}", part))
    return unpacked


def within_bounds(name: str, content: bytes) -> tuple[zipfile.ZipFile, list[_Info]]:
    """The zip and its members, none of which is larger than a zip of statistics may hold.

    Raises SourceFormatError where it is damaged or beyond the bounds.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGE as error:
        raise SourceFormatError(f"{name}: no whole zip ({error}); download it again") from error
    found = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    size = sum(member.file_size for member in found)
    if not found or len(found) > MAX_MEMBERS or size > MAX_UNPACKED_BYTES:
        raise SourceFormatError(
            f"{name}: {len(found)} members with {size} bytes in all; a bulk download has 1 to "
            f"{MAX_MEMBERS} members and at most {MAX_UNPACKED_BYTES} bytes"
        )
    for member in found:
        if member.file_size > MAX_RATIO * max(member.compress_size, 1):
            raise SourceFormatError(
                f"{name}/{member.filename}: {member.file_size} bytes packed into "
                f"{member.compress_size}; a file of statistics is never packed {MAX_RATIO}-fold"
            )
    if size > MAX_RATIO * len(content):  # members may share their packed bytes
        raise SourceFormatError(
            f"{name}: {size} bytes packed into {len(content)}; a zip of statistics is never packed "
            f"{MAX_RATIO}-fold"
        )
    return archive, found
