"""What a service's limit of downloads in an hour leaves, counted over runs from their receipts.

Not here: refusing or waiting (pipelines/fetch.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

from pipelines.raw_store import Receipt

#: How a receipt says that a request was not made because of the limit.
USED_UP: Final = "downloads an hour are allowed and were made"
_HOUR: Final = dt.timedelta(hours=1)


class Hourly:
    """Downloads of a source in the last hour; attempts: its receipts."""

    def __init__(self, limit: int, attempts: Iterable[Receipt]) -> None:
        self._limit = limit
        self._downloads = [
            dt.datetime.fromisoformat(attempt.requested_at)
            for attempt in attempts
            if attempt.url.startswith("http") and USED_UP not in (attempt.error or "")
            for _ in (attempt.requested_at, *attempt.retried_after)
        ]

    def count(self, times: int = 1) -> None:
        """Downloads made now."""
        self._downloads += [dt.datetime.now(dt.UTC)] * times

    def used_up(self) -> str | None:
        """Why the next download must wait, and until when; None when it need not."""
        moment = dt.datetime.now(dt.UTC)
        # A clock that was set back leaves downloads in the far future; they say nothing of now.
        recent = sorted(at for at in self._downloads if abs(at - moment) < _HOUR)
        if len(recent) < self._limit:
            return None
        free = recent[-self._limit] + _HOUR
        return f"{self._limit} {USED_UP}; the next one is free at {free:%H:%M} UTC"
