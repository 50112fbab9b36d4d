"""What an attempt to get bytes came to: a body with its receipt, or why there is none.

Not here: asking (fetch.py), where bytes and receipts are kept (raw_store.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

import requests

from pipelines.raw_store import Receipt, now
from pipelines.secrecy import without_secrets

KEPT_HEADERS = ("content-type", "etag", "last-modified", "date", "retry-after")


class FetchError(RuntimeError):
    """An address gave no usable bytes; the message names it, the status and the reason.

    receipt: what the attempt came to before it failed, when it got as far as being made.
    """

    receipt: Receipt | None = None


class Refused(FetchError):
    """The service will not answer now, or we must not ask: whoever asks on makes it worse."""


@dataclass
class Fetched:
    """A body with its receipt, not yet on disk."""

    content: bytes
    receipt: Receipt


def redirect(url: str, location: str) -> str:
    """The next address, on the same host only, and never from https to http."""
    target = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(target)
    downgrade = here.scheme == "https" and there.scheme != "https"
    if there.netloc != here.netloc or there.scheme not in ("http", "https") or downgrade:
        place = without_secrets(f"{there.scheme}://{there.netloc}")
        raise FetchError(f"{without_secrets(url)}: refused a redirect to another place ({place})")
    return target


def answered(receipt: Receipt, response: requests.Response) -> Receipt:
    """The receipt with what an answer's head tells, and the statuses that were retried before."""
    kept = {k.lower(): v for k, v in response.headers.items() if k.lower() in KEPT_HEADERS}
    retries = getattr(response.raw, "retries", None)
    earlier = [entry.status or str(entry.error) for entry in retries.history] if retries else []
    return replace(
        receipt,
        finished_at=now(),
        http_status=response.status_code,
        headers=kept,
        retried_after=[str(status) for status in earlier],
    )


def failure(
    receipt: Receipt, reason: str, kind: type[FetchError] = FetchError, advice: str = ""
) -> FetchError:
    error = kind(f"{receipt.url}: {reason}{advice}")
    error.receipt = receipt
    return error


def reason_of(error: Exception) -> str:
    """The innermost reason of a network error, in one line."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    return f"{type(error).__name__}: {cause}".splitlines()[0][:300]
