"""The World Bank API on loopback: a real HTTP server that answers in the API's own shapes.

Here: the list of economies, series by page, the API's errors, and faults to be switched on. Not
here: what the warehouse should make of them (tests/pipeline/test_world_bank_fetch.py).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import count, repeat
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.datastructures import Headers

Fault = Callable[[Response], Response]
Item = dict[str, Any]

NAMES = {
    "IP.PAT.RESD": "Patent applications, residents",
    "SP.POP.TOTL": "Population, total",
}
#: Code, two letters, name, region (NA: an aggregate), income group.
ECONOMIES = [
    ("CHN", "CN", "China", "EAS", "East Asia & Pacific ", "Upper middle income"),
    ("JPN", "JP", "Japan", "EAS", "East Asia & Pacific ", "High income"),
    ("USA", "US", "United States", "NAC", "North America", "High income"),
    ("WLD", "1W", "World", "NA", "Aggregates", "Aggregates"),
]
#: World Bank WDI, releases of 2026-01-28 (patents; aggregates rounded there) and 2024-05-30.
FIGURES: dict[str, dict[str, dict[str, float | None]]] = {
    "IP.PAT.RESD": {
        "CHN": {"2022": None, "2021": 1426644, "2020": 1344817, "2019": 1243568},
        "JPN": {"2022": None, "2021": 222452, "2020": 227348, "2019": 245372},
        "USA": {"2022": None, "2021": 262244, "2020": 269586, "2019": 285113},
        "WLD": {"2022": None, "2021": 2385200, "2020": 2311500, "2019": 2239200},
    },
    "SP.POP.TOTL": {
        "CHN": {"2022": 1412175000, "2021": 1412360000},
        "JPN": {"2022": 125124989, "2021": 125681593},
        "USA": {"2022": 333287557, "2021": 332031554},
    },
}


class WorldBankServer:
    """Serves `series` and `economies`; `requests` holds what was asked, and when.

    A series that it holds no figures for gets an empty answer.
    """

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/v2")
        self.requests: list[tuple[float, Request]] = []
        self.lastupdated: str | None = "2026-01-28"
        self.economies: list[Item] = [economy(*row) for row in ECONOMIES]
        self.series: dict[str, list[Item]] = {
            series: [
                item(series, NAMES[series], area, period, value)
                for area, values in areas.items()
                for period, value in values.items()
            ]
            for series, areas in FIGURES.items()
        }
        self._faults: dict[str, Iterator[Fault]] = {}
        server.expect_request(re.compile("^/(v2|moved)/")).respond_with_handler(self._answer)

    def fail(self, what: str, *faults: Fault, always: bool = False) -> None:
        """Let answers for a series (or `country`) go wrong, each fault once; then all is well."""
        self._faults[what] = repeat(faults[0]) if always else iter(faults)

    def revise(self, series: str, area: str, period: str, value: float | None) -> None:
        """Give another value from now on."""
        for item in self.series[series]:
            if (item["countryiso3code"], item["date"]) == (area, period):
                item["value"] = value

    def asked(self, what: str) -> list[tuple[float, Request]]:
        """The requests for a series (or `country`)."""
        return [(at, r) for at, r in self.requests if r.path.rsplit("/", 1)[-1] == what]

    def load(self, ds2: str, metadata: str) -> None:
        """Serve what is in the text of a DS2 file and of its Metadata_Country file."""
        lines = list(csv.reader(io.StringIO(ds2, newline="")))
        header = lines[4]
        for name, code, title, series, *cells in lines[5:]:
            for period, cell in zip(header[4:], cells, strict=True):
                if period:
                    value = json.loads(cell) if cell else None
                    found = item(series, title, code, period, value, name)
                    self.series.setdefault(series, []).append(found)
        self.economies = [
            economy(
                row["Country Code"], "", row["TableName"], "R" if row["Region"] else "NA",
                row["Region"], row["IncomeGroup"],
            )
            for row in csv.DictReader(io.StringIO(metadata, newline=""))
        ]  # fmt: skip

    def _answer(self, request: Request) -> Response:
        self.requests.append((time.monotonic(), request))
        what = request.path.rsplit("/", 1)[-1]
        fault = next(self._faults.get(what, iter(())), None)
        good = self._good(request)
        return fault(good) if fault else good

    def _good(self, request: Request) -> Response:
        if request.args.get("format") != "json":
            return xml(Response())  # the API's default
        match request.path.strip("/").split("/"):
            case [_, "country"]:
                header: Item = {"per_page": request.args.get("per_page", "50")}
                return _page(request, self.economies, header)
            case [_, "country", codes, "indicator", series]:
                return self._series(request, codes, series)
        return Response("no such path", 404)

    def _series(self, request: Request, codes: str, series: str) -> Response:
        known = {item["id"] for item in self.economies}
        if codes != "all" and not set(codes.split(";")) <= known:
            return message("120", "Invalid value", "The provided parameter value is not valid")(
                Response()
            )
        items = self.series.get(series, [])
        if codes != "all":
            items = [item for item in items if item["countryiso3code"] in codes.split(";")]
        header: Item = {"per_page": int(request.args.get("per_page", "50")), "sourceid": "2"}
        if self.lastupdated:
            header["lastupdated"] = self.lastupdated
        return _page(request, items, header)


def _page(request: Request, items: list[Item], header: Item) -> Response:
    size, number = int(header["per_page"]), int(request.args.get("page", "1"))
    pages = -(-len(items) // size)
    head = {"page": number if items else 0, "pages": pages, "total": len(items), **header}
    return _json([head, items[(number - 1) * size : number * size] or None])


def _json(body: Any) -> Response:
    text = json.dumps(body, separators=(",", ":"))
    return Response(text, content_type="application/json;charset=utf-8")


def item(
    series: str, title: str, area: str, period: str, value: float | None, name: str = ""
) -> Item:
    return {
        "indicator": {"id": series, "value": title},
        "country": {"id": area[:2], "value": name or area},
        "countryiso3code": area,
        "date": period,
        "value": value,
        "unit": "",
        "obs_status": "",
        "decimal": 0,
    }


def economy(code: str, iso2: str, name: str, region: str, region_name: str, income: str) -> Item:
    return {
        "id": code,
        "iso2Code": iso2,
        "name": name,
        "region": {"id": region, "iso2code": region[:2], "value": region_name},
        "adminregion": {"id": "", "iso2code": "", "value": ""},
        "incomeLevel": {"id": "", "iso2code": "", "value": income},
        "lendingType": {"id": "", "iso2code": "", "value": ""},
        "capitalCity": "",
        "longitude": "",
        "latitude": "",
    }


# Faults: from the good answer to what is sent instead.


def well(good: Response) -> Response:
    """No fault: to let one request pass before the next goes wrong."""
    return good


def message(number: str, key: str, value: str) -> Fault:
    """The API's own error, sent with status 200."""
    body = [{"message": [{"id": number, "key": key, "value": value}]}]
    return lambda _: _json(body)


def too_many(seconds: int) -> Fault:
    """429 with the seconds to wait."""
    return lambda _: Response("slow down", 429, {"Retry-After": str(seconds)})


def unavailable(_: Response) -> Response:
    """503 with a page for people."""
    return Response("<html><body>Service Unavailable</body></html>", 503, content_type="text/html")


def html(_: Response) -> Response:
    """A page for people, as if all were well."""
    return Response("\n <!DOCTYPE html><title>Maintenance</title>", content_type="text/html")


def xml(_: Response) -> Response:
    """The API's other format."""
    body = '<?xml version="1.0" encoding="utf-8"?><wb:error xmlns:wb="http://www.worldbank.org"/>'
    return Response(body, content_type="text/xml")


def cut_off(good: Response) -> Response:
    """The connection ends before the promised length."""
    body = good.get_data()
    return Response([body[: len(body) // 2]], headers={"Content-Length": str(len(body))})


def cut_short(good: Response) -> Response:
    """Half a body that calls itself whole."""
    body = good.get_data()
    return Response(body[: len(body) // 2], content_type="application/json")


def endless(_: Response) -> Response:
    """A body that never ends."""
    return Response((b" " * 2**16 for _ in count()), content_type="application/json")


def gzipped(good: Response) -> Response:
    """The good body, compressed, a few bytes at a time."""
    packed = gzip.compress(good.get_data())
    pieces = (packed[at : at + 7] for at in range(0, len(packed), 7))
    return Response(pieces, headers={"Content-Encoding": "gzip"}, content_type="application/json")


def gzip_bomb(_: Response) -> Response:
    """Some hundred kilobytes that unpack to a hundred megabytes."""
    packed = gzip.compress(b" " * 100_000_000)
    return Response(packed, headers={"Content-Encoding": "gzip"}, content_type="application/json")


def gzip_cut(good: Response) -> Response:
    """Half of a compressed body that calls itself whole."""
    packed = gzip.compress(good.get_data())
    headers = {"Content-Encoding": "gzip"}
    return Response(packed[: len(packed) // 2], headers=headers, content_type="application/json")


def drip(_: Response) -> Response:
    """A body that comes a byte at a time, for half a minute."""

    def bytes_slowly() -> Iterator[bytes]:
        for _ in range(300):
            time.sleep(0.1)
            yield b" "

    return Response(bytes_slowly(), content_type="application/json")


class _HeadAsGiven(Response):
    """Sends its headers untouched; werkzeug would mend or refuse a bad address."""

    def get_wsgi_headers(self, environ: Any) -> Headers:  # noqa: ARG002
        return Headers(self.headers)


def redirect(location: str) -> Fault:
    """302 to another address, or to what is none."""
    return lambda _: _HeadAsGiven("", 302, {"Location": location, "Content-Length": "0"})


def header(**changes: Any) -> Fault:
    """The good page with another header."""

    def fault(good: Response) -> Response:
        head, items = json.loads(good.get_data())
        return _json([head | changes, items])

    return fault


def data(items: Iterable[Any] | None, *, absent: bool = False, **changes: Any) -> Fault:
    """The good header with other data."""

    def fault(good: Response) -> Response:
        head = json.loads(good.get_data())[0] | changes
        return _json([head] if absent else [head, items if items is None else list(items)])

    return fault
