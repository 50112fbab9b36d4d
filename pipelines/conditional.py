"""Conditional requests (RFC 9110, 13): the server is asked whether what we hold still stands.

Not here: asking (fetch.py), storing.
"""

from __future__ import annotations

from typing import Final

import requests

from pipelines.raw_store import DamagedObject, RawStore, Receipt

#: How an answer's mark is named in it, and in the next request.
_MARKS: Final = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}
NOT_MODIFIED: Final = requests.codes.not_modified


class Held:
    """The last good answer to each request of a source, where the server gave it a mark."""

    def __init__(self, store: RawStore, source_id: str) -> None:
        self._store = store
        self._last = {
            (attempt.name, attempt.url): attempt
            for attempt in store.attempts(source_id)
            if attempt.succeeded and attempt.headers.keys() & _MARKS.keys()
        }

    def conditions(self, receipt: Receipt) -> dict[str, str]:
        """Headers to send with a request; none where its answer is not held, or is damaged."""
        last = self._last.get((receipt.name, receipt.url))
        if last is None:
            return {}
        try:
            self._store.verified(str(last.sha256))
        except DamagedObject:
            return {}
        return {ours: last.headers[mark] for mark, ours in _MARKS.items() if mark in last.headers}

    def content(self, receipt: Receipt) -> bytes:
        """The bytes that still stand."""
        return self._store.get(str(self._last[receipt.name, receipt.url].sha256))

    def headers(self, receipt: Receipt) -> dict[str, str]:
        """What was kept of the head of their answer: another 304 must be possible."""
        return self._last[receipt.name, receipt.url].headers
