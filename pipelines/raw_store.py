"""Raw bytes, stored once under their SHA-256, and a receipt for every attempt to get them.

Here: objects/<2 hex>/<sha256> and receipts/<source>/<day>/<time>-<id>-<hash>.json. Not here:
fetching, parsing. Nothing is ever edited or deleted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pipelines.files import json_bytes, sha256_of, sync_folder, write_atomic, write_bytes

log = logging.getLogger("ipw")
#: How the name of a receipt's file begins; receipts sort by it.
STAMP = "%Y-%m-%dT%H%M%S.%fZ"
#: Hexadecimal digits of its hash in a receipt's name.
SEAL = 16
Outcome = Literal["stored", "unchanged", "incomplete", "failed"]


@dataclass(frozen=True)
class Receipt:
    """One attempt to get one payload.

    outcome: `stored` (new bytes), `unchanged` (bytes we already held), `incomplete` (good bytes of
    a series of which another part failed; not landed), `failed` (no usable bytes; see `error`).
    url carries no secret; retried_after: statuses of tries before the last one. release_date is the
    source's own date of the release, ISO. batch: shared by the receipts of answers that land
    together; parts: how many they are.
    """

    source_id: str
    outcome: Outcome
    name: str
    url: str
    requested_at: str
    finished_at: str
    licence: str
    sha256: str | None = None
    size: int | None = None
    http_status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    retried_after: list[str] = field(default_factory=list)
    release_date: str | None = None
    error: str | None = None
    batch: str | None = None
    parts: int | None = None
    receipt_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def succeeded(self) -> bool:
        """Whether the attempt got bytes that may land."""
        return self.outcome in ("stored", "unchanged")


class DamagedObject(ValueError):
    """Stored bytes that are gone or were altered; the message says what to do."""


def now() -> str:
    """This moment, UTC, as receipts write it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


class RawStore:
    """The content-addressed store under `root` (the folder raw/)."""

    def __init__(self, root: Path) -> None:
        self.objects = root / "objects"
        self.receipts = root / "receipts"

    def path(self, sha256: str) -> Path:
        """Where the bytes with this hash lie."""
        return self.objects / sha256[:2] / sha256

    def put(self, content: bytes) -> tuple[str, bool]:
        """Store bytes once; returns their hash and whether they are new."""
        digest = hashlib.sha256(content).hexdigest()
        if self._holds(digest, len(content)):
            return digest, False
        write_bytes(self.path(digest), content)
        return digest, True

    def put_file(self, path: Path) -> tuple[str, bool]:
        """Store a file's bytes once, copied in pieces; returns hash and whether they are new."""
        digest = hashlib.sha256()

        def copy(temporary: Path) -> None:
            with path.open("rb") as source, temporary.open("wb") as target:
                while piece := source.read(2**20):
                    digest.update(piece)
                    target.write(piece)

        known = sha256_of(path)
        if self._holds(known, path.stat().st_size):
            return known, False
        # Hashed again while it is copied: the file may change under us, the copy cannot.
        waiting = self.objects / f".{uuid.uuid4().hex}"
        write_atomic(waiting, copy)
        final = self.path(digest.hexdigest())
        if self._holds(digest.hexdigest(), waiting.stat().st_size):
            waiting.unlink()
            return digest.hexdigest(), False
        final.parent.mkdir(parents=True, exist_ok=True)
        waiting.replace(final)
        sync_folder(final.parent)
        return digest.hexdigest(), True

    def get(self, sha256: str) -> bytes:
        """The bytes with this hash. Raises DamagedObject when the stored bytes are not those."""
        return self.verified(sha256).read_bytes()

    def verified(self, sha256: str) -> Path:
        """Where the bytes with this hash lie, read through once. Raises DamagedObject."""
        path = self.path(sha256)
        if not path.exists():
            raise DamagedObject(
                f"raw object {path} is gone; restore it from a backup, or get the same bytes "
                "again: drop the file again or run with --live"
            )
        if sha256_of(path) != sha256:
            raise DamagedObject(
                f"raw object {path} was altered: its bytes do not hash to its name; "
                "restore it from a backup or delete it and fetch again"
            )
        return path

    def _holds(self, sha256: str, size: int) -> bool:
        """Whether these bytes are stored; an object that was cut off is stored again."""
        path = self.path(sha256)
        return path.exists() and path.stat().st_size == size

    def record(self, receipt: Receipt) -> None:
        """Leave a receipt. Its name follows on those before, also after the clock was set back."""
        stamp = receipt.requested_at.replace(":", "").replace("+0000", "Z")
        newest = self._newest(receipt.source_id)
        if newest > dt.datetime.now(dt.UTC).strftime(STAMP):
            log.warning(
                "%s: the clock stands before the last receipt (%s): check it; receipts keep the "
                "order in which they came", receipt.source_id, newest,
            )  # fmt: skip
            later = dt.datetime.strptime(newest, STAMP) + dt.timedelta(microseconds=1)
            stamp = later.strftime(STAMP)
        content = json_bytes(asdict(receipt))
        # The name ends in the content's hash: `ipw verify` finds a receipt that was altered.
        seal = hashlib.sha256(content).hexdigest()[:SEAL]
        name = f"{stamp}-{receipt.receipt_id[:8]}-{seal}.json"
        write_bytes(self.receipts / receipt.source_id / stamp[:10] / name, content)

    def _newest(self, source_id: str) -> str:
        """The stamp of a source's last receipt, or nothing."""
        days = sorted((self.receipts / source_id).glob("[0-9]*"), reverse=True)
        names = (path.name for day in days[:1] for path in day.glob("[0-9]*.json"))
        return max((f"{name.partition('Z-')[0]}Z" for name in names), default="")

    def attempts(self, source_id: str) -> Iterator[Receipt]:
        """All receipts of a source, oldest first."""
        for _, receipt in self.filed(source_id):
            yield receipt

    def filed(self, source_id: str) -> Iterator[tuple[str, Receipt]]:
        """The same, each with its file's place below raw/.

        Where a run died between the receipts of one batch, those that it left are `incomplete`.
        Raises ValueError naming a receipt that cannot be read.
        """
        paths = sorted((self.receipts / source_id).glob("*/*.json"))
        receipts = [_read(path) for path in paths]
        there = Counter(receipt.batch for receipt in receipts)
        for path, receipt in zip(paths, receipts, strict=True):
            whole = receipt.batch is None or there[receipt.batch] == receipt.parts
            told = receipt if whole else replace(receipt, outcome="incomplete")
            yield path.relative_to(self.receipts.parent).as_posix(), told


def _read(path: Path) -> Receipt:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        return Receipt(**content)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"receipt {path} cannot be read ({error}); restore it from a backup, or move it out of "
            "raw/: the attempt that it tells of then counts as never made"
        ) from error
