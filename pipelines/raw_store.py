"""Raw bytes, stored once under their SHA-256, and a receipt for every attempt to get them.

Here: objects/<2 hex>/<sha256> and receipts/<source>/<day>/<time>-<id>.json. Not here: fetching,
parsing. Nothing is ever edited or deleted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pipelines.files import sha256_of, sync_folder, write_atomic, write_bytes, write_json

Outcome = Literal["stored", "unchanged", "incomplete", "failed"]


@dataclass(frozen=True)
class Receipt:
    """One attempt to get one payload.

    outcome: `stored` (new bytes), `unchanged` (bytes we already held), `incomplete` (good bytes of
    a series of which another part failed; not landed), `failed` (no usable bytes; see `error`).
    url carries no secret; retried_after: statuses of tries before the last one. release_date is the
    source's own date of the release, ISO.
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
    receipt_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def succeeded(self) -> bool:
        """Whether the attempt got bytes that may land."""
        return self.outcome in ("stored", "unchanged")


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
        path = self.path(digest)
        if path.exists():
            return digest, False
        write_bytes(path, content)
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
        if self.path(known).exists():
            return known, False
        # Hashed again while it is copied: the file may change under us, the copy cannot.
        waiting = self.objects / f".{uuid.uuid4().hex}"
        write_atomic(waiting, copy)
        final = self.path(digest.hexdigest())
        if final.exists():
            waiting.unlink()
            return digest.hexdigest(), False
        final.parent.mkdir(parents=True, exist_ok=True)
        waiting.replace(final)
        sync_folder(final.parent)
        return digest.hexdigest(), True

    def get(self, sha256: str) -> bytes:
        """The bytes with this hash. Raises ValueError when the stored bytes are not those."""
        return self.verified(sha256).read_bytes()

    def verified(self, sha256: str) -> Path:
        """Where the bytes with this hash lie, read through once. Raises ValueError as `get`."""
        if sha256_of(self.path(sha256)) != sha256:
            raise ValueError(
                f"raw object {self.path(sha256)} was altered: its bytes do not hash to its name; "
                "restore it from a backup or delete it and fetch again"
            )
        return self.path(sha256)

    def record(self, receipt: Receipt) -> None:
        """Leave a receipt."""
        day = receipt.requested_at[:10]
        stamp = receipt.requested_at.replace(":", "").replace("+0000", "Z")
        name = f"{stamp}-{receipt.receipt_id[:8]}.json"
        write_json(self.receipts / receipt.source_id / day / name, asdict(receipt))

    def attempts(self, source_id: str) -> Iterator[Receipt]:
        """All receipts of a source, oldest first."""
        for _, receipt in self.filed(source_id):
            yield receipt

    def filed(self, source_id: str) -> Iterator[tuple[str, Receipt]]:
        """The same, each with its file's place below raw/."""
        for path in sorted((self.receipts / source_id).glob("*/*.json")):
            content: dict[str, Any] = json.loads(path.read_text())
            yield path.relative_to(self.receipts.parent).as_posix(), Receipt(**content)
