"""A planted secret is found nowhere, whatever a service does with it.

A real run against a server that repeats the key in errors, in bodies and in headers, and sends us
elsewhere; then every file of the home is searched, compressed ones unpacked.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import duckdb
import polars as pl
import pytest
import tally
import world_bank_server as wb
from pytest_httpserver import HTTPServer
from warehouse_runs import copy, ipw, served
from werkzeug import Request, Response

from pipelines.answers import FetchError
from pipelines.fetch import Client
from pipelines.raw_store import RawStore
from pipelines.settings import Settings
from pipelines.sources import world_bank

PLANTED = "pl4nted/s3cret+&x"
#: The secret in every spelling in which it may be written down.
SPELLINGS = [
    spelling.encode()
    for spelling in (
        PLANTED[:9], PLANTED, quote(PLANTED), quote(PLANTED, safe=""),
        base64.b64encode(f"reader:{PLANTED}".encode()).decode(),
    )
]  # fmt: skip


def contents(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a home, and the text in compressed ones."""
    for path in home.rglob("*"):
        if not path.is_file():
            continue
        yield str(path), path.read_bytes()
        if path.suffix == ".parquet":
            texts = pl.read_parquet(path).select(pl.col(pl.String))
            yield str(path), texts.write_csv().encode()
    with duckdb.connect(str(served(home)), read_only=True) as connection:
        tables = "select table_schema, table_name from information_schema.tables"
        for schema, table in connection.execute(tables).fetchall():
            rows = connection.execute(f'select * from "{schema}"."{table}"').fetchall()  # noqa: S608
            yield f"{schema}.{table}", "\n".join(map(str, rows)).encode()


def found(texts: Iterator[tuple[str, bytes]]) -> tuple[int, set[str]]:
    """How many texts were searched, and where the secret is."""
    places, searched = set(), 0
    for place, text in texts:
        searched += 1
        if any(spelling in text for spelling in SPELLINGS):
            places.add(place)
    return searched, places


def told(header: str) -> str:
    """The password in an Authorization header."""
    return base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")[2]


def test_a_password_in_the_address_is_in_no_file_of_a_run(
    http: HTTPServer, published_home: Path, tmp_path: Path
) -> None:
    home = copy(published_home, tmp_path / "home")
    http.clear()
    api = wb.WorldBankServer(http)
    heard: list[str] = []

    def keys() -> tuple[str, str]:
        header = api.requests[-1][1].headers["Authorization"]
        heard.append(told(header))
        return header, told(header)

    def repeats_in_an_error(_: Response) -> Response:
        return Response("no such key: {} {}".format(*keys()) + " " * 9 + keys()[1] * 9, 401)

    def repeats_in_a_body(good: Response) -> Response:
        return Response(good.get_data(as_text=True).replace("Population", keys()[1]))

    def repeats_in_a_header(good: Response) -> Response:
        good.headers["ETag"] = keys()[0]
        good.headers["X-Key"] = keys()[1]
        return good

    with HTTPServer(host="127.0.0.1") as elsewhere:
        elsewhere.expect_request("/").respond_with_data("caught")
        api.fail("IP.PAT.NRES", repeats_in_an_error, always=True)
        api.fail("SP.POP.TOTL", repeats_in_a_body, always=True)
        api.fail("IP.PAT.RESD", repeats_in_a_header, always=True)
        api.fail("NY.GDP.MKTP.CD", wb.redirect(elsewhere.url_for("/?key=" + quote(PLANTED))))
        api.fail("NY.GDP.MKTP.CN", wb.unavailable, always=True)
        api.fail("PA.NUS.FCRF", lambda _: Response(keys()[1], 500), always=True)
        api.fail("GB.XPD.RSDV.GD.ZS", lambda _: Response(f"<{keys()[1]}>"), always=True)
        address = api.url.replace("http://", f"http://reader:{quote(PLANTED, safe='')}@")
        done = ipw(
            home, "run", "--live", "--source", "world_bank",
            IPW_WORLD_BANK_BASE_URL=address, IPW_BACKOFF_SECONDS="0", IPW_RETRIES="1",
        )  # fmt: skip
        assert elsewhere.log == []
    assert done.returncode == 3, done.stdout + done.stderr  # published, but something failed
    assert heard
    assert set(heard) == {PLANTED}
    searched, places = found(contents(home))
    tally.count("files and tables searched for a planted secret", searched)
    assert searched > 100
    assert places == set()
    assert found(iter([("output", (done.stdout + done.stderr).encode())]))[1] == set()
    receipts = {r.name: r for r in RawStore(home / "raw").attempts("world_bank")}
    assert "HTTP 401: no such key" in str(receipts["IP.PAT.NRES page 1"].error)
    assert "repeats a key or password; it is not kept" in str(receipts["SP.POP.TOTL page 1"].error)
    assert receipts["IP.PAT.RESD page 1"].outcome == "stored"


def test_a_key_in_the_query_is_in_no_receipt_no_message_and_no_log(
    http: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """No source sends a key today; this is what one that does would use."""
    http.clear()
    monkeypatch.setenv("IPW_WORLD_BANK_BASE_URL", http.url_for("/v2"))
    settings = Settings(home=tmp_path, backoff_seconds=0, retries=1)
    client = Client(world_bank.SOURCE, RawStore(tmp_path / "raw"), settings)

    def answer(request: Request) -> Response:
        assert request.args["api_key"] == PLANTED
        match request.path.rpartition("/")[2]:
            case "error":
                return Response("bad key " * 14 + str(request.args["api_key"]), 500)
            case "echo":
                return Response(" ".join(["good key", request.args["api_key"]]))
            case "elsewhere":
                there = "http://127.0.0.1:9/?key=" + request.args["api_key"]
                return Response("", 302, {"Location": there})
        return Response("fine")

    http.expect_request("/v2/error").respond_with_handler(answer)
    http.expect_request("/v2/echo").respond_with_handler(answer)
    http.expect_request("/v2/elsewhere").respond_with_handler(answer)
    http.expect_request("/v2/fine").respond_with_handler(answer)
    caplog.set_level("DEBUG", logger="ipw")
    for path in ("error", "echo", "elsewhere", "fine"):
        with client.batch(path) as batch:
            batch.get(f"/{path}", {"api_key": PLANTED})
    monkeypatch.setattr(client, "base_url", "http://127.0.0.1:9/v2")
    with client.batch("nobody") as batch:
        batch.get("/nobody", {"api_key": PLANTED})
    outcomes = {r.name: r.outcome for r in client.report.receipts}
    assert outcomes == {"error": "failed", "echo": "failed", "elsewhere": "failed",
                        "fine": "stored", "nobody": "failed"}  # fmt: skip
    with pytest.raises(FetchError):
        client.get("nowhere://x", {"api_key": PLANTED}, "x")
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("werkzeug")]
    texts = [("log", "\n".join(ours).encode())]
    texts += [(str(p), p.read_bytes()) for p in tmp_path.rglob("*") if p.is_file()]
    assert found(iter(texts))[1] == set()
