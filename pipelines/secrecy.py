"""What must never be shown: passwords in addresses, keys in queries, wherever they come back.

Here: taking them out of addresses, receipts and messages. Not here: reading them (a source does).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlencode, urlsplit

from pipelines.raw_store import Receipt

#: Names of query parameters whose values are never shown.
SECRET: Final = re.compile("key|token|secret|password|auth|signature", re.IGNORECASE)
#: A shorter value cannot be told from any other text of an answer.
SHORTEST: Final = 4


class Secrets:
    """The secrets that one client sends, to be recognised where they come back."""

    def __init__(self, address: str) -> None:
        self._known: set[str] = set()
        parts = urlsplit(address)
        self._add(v for name, v in parse_qsl(parts.query) if SECRET.search(name))
        user, divider, password = parts.netloc.rpartition("@")[0].partition(":")
        if divider:
            pair = f"{unquote(user)}:{unquote(password)}"
            self._add([password, unquote(password), base64.b64encode(pair.encode()).decode()])

    def learn(self, params: Mapping[str, str]) -> None:
        """Remember the keys among the parameters of a request."""
        self._add(value for name, value in params.items() if SECRET.search(name))

    def _add(self, values: Iterable[str]) -> None:
        for value in values:
            if len(value) >= SHORTEST:
                self._known |= {value, quote(value), quote(value, safe=""), quote_plus(value)}

    def stand_in(self, content: bytes) -> bool:
        """Whether bytes hold one of them."""
        return any(secret.encode() in content for secret in self._known)

    def removed(self, receipt: Receipt) -> Receipt:
        """The receipt without them, whatever an answer's head or an error repeated."""
        return replace(
            receipt,
            name=self.shown(receipt.name),
            url=self.shown(receipt.url),
            headers={name: self.shown(value) for name, value in receipt.headers.items()},
            retried_after=[self.shown(text) for text in receipt.retried_after],
            error=None if receipt.error is None else self.shown(receipt.error),
        )

    def shown(self, text: str) -> str:
        """A text without them."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, "…")
        return text


def without_secrets(url: str, params: Mapping[str, str] | None = None) -> str:
    """An address as receipts and messages may show it: no user, no password, no keys."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *(params or {}).items()]
    shown = [(name, "…" if SECRET.search(name) else value) for name, value in query]
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host, query=urlencode(shown, safe=";:/…")).geturl()
