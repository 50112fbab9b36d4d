"""The files in a dropped file: itself, or the members of a zip, never more than a zip may hold.

Here: bounds that are checked before a byte is unpacked (zipfile never unpacks more than a member
declares), and zip faults as SourceFormatError. Not here: what a member means.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

from pipelines.source import SourceFormatError

#: Members of a zip. A year of daily assignments has 366.
MEMBERS: Final = 1_000
#: Bytes of all members together. The USPTO's largest is about 30 GB of text.
TOTAL: Final = 64 << 30
#: Unpacked bytes for a packed one, of members above SMALL. Fixed-width text reaches about 20.
RATIO: Final = 200
SMALL: Final = 16 << 20


class Member(NamedTuple):
    """A file to read. name: for messages, the zip's name before the member's."""

    name: str
    open: Callable[[], IO[bytes]]

    @property
    def stem(self) -> str:
        """Last part of the name, lower case, without endings."""
        return self.name.rpartition("/")[2].partition(".")[0].lower()


def whole(path: Path, name: str) -> Member:
    """The file itself."""
    return Member(name, lambda: path.open("rb"))


def members(path: Path, name: str) -> list[Member]:
    """The file itself, or the members of a zip in order of their names, without empty folders.

    Raises SourceFormatError when the zip is damaged, encrypted, or beyond the bounds.
    """
    if not _is_zip(path):
        return [whole(path, name)]
    with _faults(name), zipfile.ZipFile(path) as bundle:
        infos = sorted(
            (i for i in bundle.infolist() if not i.is_dir() and "__MACOSX" not in i.filename),
            key=lambda info: info.filename,
        )
    if len(infos) > MEMBERS:
        raise SourceFormatError(f"{name}: {len(infos)} members, more than {MEMBERS}")
    total = sum(info.file_size for info in infos)
    if total > TOTAL:
        raise SourceFormatError(f"{name}: {total} bytes unpacked, more than {TOTAL}")
    for info in infos:
        if info.file_size > max(SMALL, RATIO * info.compress_size):
            raise SourceFormatError(
                f"{name}, {info.filename}: {info.compress_size} bytes unpack to "
                f"{info.file_size}, more than {RATIO} for one"
            )
    size = path.stat().st_size
    if total > max(SMALL, RATIO * size):  # members may share their packed bytes
        raise SourceFormatError(
            f"{name}: {size} bytes unpack to {total}, more than {RATIO} for one"
        )
    return [Member(f"{name}/{info.filename}", _opener(path, name, info)) for info in infos]


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _opener(path: Path, name: str, info: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        with _faults(f"{name}, {info.filename}"):
            return zipfile.ZipFile(path).open(info)

    return opened


@contextmanager
def _faults(where: str) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        raise SourceFormatError(f"{where}: this zip cannot be read: {error}") from error


#: What reading a damaged, encrypted or unknown kind of zip raises; NotImplementedError is zipfile's
#: word for a way of compressing that it lacks.
UNREADABLE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    UnicodeDecodeError,
)
