"""A server on loopback that breaks the rules of HTTP itself, in front of one that keeps them.

Requests whose address holds a word are answered by a misbehaviour; all others are handed on. Here:
answers that a web framework would not send. Not here: wrong content of well-formed answers
(tests/world_bank_server.py), what must come of them (test_hostile_sources.py).
"""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

Misbehaviour = Callable[[socket.socket], None]
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#: How long a server plays its game when nobody ends it: longer than any client should wait.
PATIENCE: Final = 60


@contextmanager
def in_front_of(url: str, word: str, misbehaviour: Misbehaviour) -> Iterator[str]:
    """The address of a server that hands requests on to `url`, but for those that hold `word`."""
    upstream = urlsplit(url)
    assert upstream.hostname
    assert upstream.port
    behind = (upstream.hostname, upstream.port)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        arguments = (listening, behind, word, misbehaviour)
        threading.Thread(target=_accept, args=arguments, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}{upstream.path}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)


def _accept(
    listening: socket.socket, behind: tuple[str, int], word: str, misbehaviour: Misbehaviour
) -> None:
    with contextlib.suppress(OSError):
        while True:
            caller, _ = listening.accept()
            args = (caller, behind, word, misbehaviour)
            threading.Thread(target=_answer, args=args, daemon=True).start()


def _answer(
    caller: socket.socket, behind: tuple[str, int], word: str, misbehaviour: Misbehaviour
) -> None:
    with caller, contextlib.suppress(OSError):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            piece = caller.recv(65536)
            if not piece:
                return
            head += piece
        if word.encode() in head.split(b"\r\n", 1)[0]:
            misbehaviour(caller)
            return
        with socket.create_connection(behind) as server:
            server.sendall(head.replace(b"Connection: keep-alive", b"Connection: close"))
            while piece := server.recv(65536):
                caller.sendall(piece)


def _slowly(caller: socket.socket, pieces: Iterator[bytes] | bytes, pause: float = 0.05) -> None:
    end = time.monotonic() + PATIENCE
    for piece in pieces:
        caller.sendall(piece if isinstance(piece, bytes) else bytes([piece]))
        time.sleep(pause)
        if time.monotonic() > end:
            return


def _for_ever(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


def silence(caller: socket.socket) -> None:
    """Nothing at all."""
    time.sleep(PATIENCE)
    caller.close()


def head_drips(caller: socket.socket) -> None:
    """A head that comes byte by byte and does not end."""
    _slowly(caller, b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 100_000)


def continues(caller: socket.socket) -> None:
    """For ever the answer that an answer will come."""
    _slowly(caller, _for_ever(b"HTTP/1.1 100 Continue\r\n\r\n"), pause=0.001)


def endless_head(caller: socket.socket) -> None:
    """A line of the head without an end, as fast as it goes."""
    caller.sendall(OK + b"X-Long: ")
    _slowly(caller, _for_ever(b"a" * 65536), pause=0)


def many_headers(caller: socket.socket) -> None:
    """Headers without end."""
    caller.sendall(OK)
    _slowly(caller, _for_ever(b"X-Again: 1\r\n" * 1000), pause=0)


def chunk_drips(caller: socket.socket) -> None:
    """The length of a chunk does not end."""
    caller.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    _slowly(caller, b"1;" + b"a" * 60_000)


def chunk_of_nonsense(caller: socket.socket) -> None:
    """The length of a chunk is no number."""
    caller.sendall(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n")


def body_drips(caller: socket.socket) -> None:
    """A body without a length, byte by byte."""
    caller.sendall(OK + b"\r\n")
    _slowly(caller, _for_ever(b" "))


def longer_than_told(caller: socket.socket) -> None:
    """A good start of a list, but only as much as the head promises: the rest comes after it."""
    body = (
        b'[{"page":1,"pages":1,"per_page":50,"total":1,"lastupdated":"2026-03-03"},[{"date":"2021"'
    )
    caller.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"}]]")


def shorter_than_told(caller: socket.socket) -> None:
    """The connection ends before the promised length."""
    caller.sendall(OK + b"Content-Length: 1000000\r\n\r\n[{")


def length_is_negative(caller: socket.socket) -> None:
    """A length below nothing, and an endless body."""
    caller.sendall(OK + b"Content-Length: -1\r\n\r\n")
    _slowly(caller, _for_ever(b" " * 65536), pause=0)


def bomb_in_a_bomb(caller: socket.socket) -> None:
    """A few kilobytes that unpack to hundred kilobytes that unpack to a hundred megabytes."""
    body = gzip.compress(gzip.compress(b" " * 100_000_000))
    head = b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    caller.sendall(OK + head + body)


def no_gzip(caller: socket.socket) -> None:
    """A body that calls itself compressed and is not."""
    caller.sendall(OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n[]")


def hangs_up(caller: socket.socket) -> None:
    """The connection ends before a word."""
    caller.close()


def no_http(caller: socket.socket) -> None:
    """Another protocol."""
    caller.sendall(b"220 mail.example.org ESMTP\r\n")
