"""Asking whether what we hold still stands: 304 by ETag and by Last-Modified.

A real client against a real server on loopback. Not here: any source's answers.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from pipelines.fetch import Client
from pipelines.raw_store import RawStore, Receipt
from pipelines.settings import Settings
from pipelines.sources.world_bank import SOURCE

Ask = Callable[[], Receipt]
MARKS = {
    "ETag": ('"v1"', '"v2"', "If-None-Match"),
    "Last-Modified": (
        "Wed, 28 Jan 2026 06:00:00 GMT",
        "Wed, 29 Apr 2026 06:00:00 GMT",
        "If-Modified-Since",
    ),
}


class Api:
    """A server of one body, which says 304 to who names its mark."""

    def __init__(self, http: HTTPServer, mark: str) -> None:
        self.body, self.mark = b"first", mark
        self.value, self.other, self.condition = MARKS[mark]
        self.asked: list[str | None] = []
        http.clear()
        http.expect_request("/data").respond_with_handler(self.answer)
        self.url = http.url_for("")

    def answer(self, request: Request) -> Response:
        told = request.headers.get(self.condition)
        self.asked.append(told)
        if told == self.value:
            return Response(status=304)
        return Response(self.body, headers={self.mark: self.value})

    def change(self) -> None:
        self.body, self.value = b"second", self.other


@pytest.fixture(params=sorted(MARKS))
def api(http: HTTPServer, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Api:
    made = Api(http, request.param)
    monkeypatch.setenv("IPW_WORLD_BANK_BASE_URL", made.url)
    return made


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """One fetch of the body, by a client of its own."""

    def fetch() -> Receipt:
        client = Client(SOURCE, RawStore(tmp_path / "raw"), Settings(home=tmp_path, retries=0))
        with client.batch("data") as batch:
            batch.get("/data", {"format": "json"})
        [receipt] = client.report.receipts
        return receipt

    return fetch


def test_what_still_stands_is_not_sent_again(api: Api, ask: Ask, tmp_path: Path) -> None:
    first, second, third = ask(), ask(), ask()
    assert api.asked == [None, api.value, api.value]
    assert (first.outcome, first.http_status) == ("stored", 200)
    assert [(r.outcome, r.http_status) for r in (second, third)] == [("unchanged", 304)] * 2
    assert first.sha256 == second.sha256 == third.sha256
    assert RawStore(tmp_path / "raw").get(str(third.sha256)) == b"first"


def test_what_changed_is_sent(api: Api, ask: Ask) -> None:
    first = ask()
    api.change()
    second = ask()
    assert (second.outcome, second.http_status) == ("stored", 200)
    assert second.sha256 != first.sha256
    assert ask().http_status == 304


def test_what_is_no_longer_held_is_asked_for_whole(api: Api, ask: Ask, tmp_path: Path) -> None:
    first = ask()
    path = RawStore(tmp_path / "raw").path(str(first.sha256))
    path.chmod(0o644)
    path.write_bytes(b"altered")
    assert ask().http_status == 200
    assert api.asked == [None, None]


def test_304_to_a_plain_question_is_no_answer(http: HTTPServer, ask: Ask, api: Api) -> None:
    http.clear()
    http.expect_request("/data").respond_with_response(Response(status=304))
    refused = ask()
    assert (refused.outcome, refused.http_status) == ("failed", 304)
    assert api.asked == []
