"""HTTP connections that do not wait for ever, whatever the other side sends.

A timeout of the socket is the longest silence, and a server that sends a byte now and then is never
silent: here the whole head of an answer has that time too. Not here: bodies, retries (fetch.py).
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse


@contextmanager
def at_most(seconds: float, end: Callable[[], object]) -> Iterator[threading.Event]:
    """Calls `end` from a thread when the block takes longer; the event tells whether it did."""
    over = threading.Event()

    def stop() -> None:
        over.set()
        with contextlib.suppress(OSError, ValueError, RuntimeError):  # it has just ended by itself
            end()

    watch = threading.Timer(max(0.0, seconds), stop)
    watch.daemon = True
    watch.start()
    try:
        yield over
    finally:
        watch.cancel()


class _Plain(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        return _in_time(self, super().getresponse)


class _Secure(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3
        return _in_time(self, super().getresponse)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class Adapter(HTTPAdapter):
    """requests' adapter, on these connections."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """As requests does, with these connections in the pools."""
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def _in_time(connection: HTTPConnection, answer: Callable[[], HTTPResponse]) -> HTTPResponse:
    """The answer's head, within the time that the connection may be silent, and a second."""
    open_socket, patience = connection.sock, connection.timeout
    if open_socket is None or not isinstance(patience, int | float):
        return answer()
    found, error = None, None
    with at_most(patience + 1, lambda: open_socket.shutdown(socket.SHUT_RDWR)) as over:
        try:
            found = answer()
        except Exception as raised:
            error = raised
    if over.is_set():  # what was cut off may look whole
        raise TimeoutError("the head of the answer did not end")
    if error:
        raise error
    assert found  # noqa: S101 - narrows the type for mypy
    return found
