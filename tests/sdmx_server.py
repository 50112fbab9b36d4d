"""The OECD's and Eurostat's SDMX services on loopback: real HTTP, in the services' own shapes.

Here: SDMX-CSV by data flow, the words for "no such records", and faults to be switched on. Not
here: what the warehouse should make of them (tests/pipeline/test_oecd.py, test_eurostat.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import repeat

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Fault = Callable[[Response], Response]

OECD_HEADER = (
    "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME,ACTION,PATENT_AUTHORITIES,Patent authorities,FREQ,"
    "Frequency of observation,MEASURE,Measure,UNIT_MEASURE,Unit of measure,DATE_TYPE,Date type,"
    "REF_AREA,Reference area,PARTNER_AREA,Partner area,AGENT_ROLE,Agent role,COOPERATION_TYPE,"
    "Type of co-operation,WIPO,WIPO technology domain,OECD_TECHNOLOGY_PATENT,OECD technology "
    "domain,TIME_PERIOD,Time period,OBS_VALUE,Observation value,OBS_STATUS,Observation status,"
    "UNIT_MULT,Unit multiplier,DECIMALS,Decimals"
)
EUROSTAT_HEADER = "DATAFLOW,LAST UPDATE,freq,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS"
TOO_MANY = (
    "You have exceeded the number of requests for data downloads or very large data ranges "
    "permitted in the OECD Data API"
)


class SdmxServer:
    """Serves `data`: a word of the address to lines of SDMX-CSV; `requests` holds what was asked.

    What it holds no lines for is answered as `empty` says.
    """

    def __init__(self, server: HTTPServer, empty: Response) -> None:
        self.url = server.url_for("/rest")
        self.requests: list[Request] = []
        self.data: dict[str, str] = {}
        self.empty = empty
        self._faults: dict[str, Iterator[Fault]] = {}
        server.expect_request(re.compile("^/rest/")).respond_with_handler(self._answer)

    def fail(self, word: str, *faults: Fault, always: bool = False) -> None:
        """Let answers to addresses with this word go wrong, each fault once; then all is well."""
        self._faults[word] = repeat(faults[0]) if always else iter(faults)

    def paths(self) -> list[str]:
        """The addresses asked for, without what stands before the data flow."""
        return [request.path.removeprefix("/rest/data/") for request in self.requests]

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        good = self.empty
        for word, lines in self.data.items():
            if word in request.path:
                text = lines.replace("\n", "\r\n") + "\r\n"
                good = Response(text, content_type="application/vnd.sdmx.data+csv; charset=utf-8")
        for word, faults in self._faults.items():
            if word in request.path and (fault := next(faults, None)):
                return fault(good)
        return good


def oecd_empty() -> Response:
    """The OECD's 404."""
    return Response("NoRecordsFound", 404, content_type="text/plain")


def eurostat_empty() -> Response:
    """Eurostat's "no results", with status 200."""
    body = '{"error":[{"status":200,"id":100,"label":"NO_RESULTS"}]}'
    return Response(body, content_type="application/json")


def oecd_line(
    area: str, year: str, value: str, *, role: str = "INVENTOR", field: str = "_T",
    authorities: str = "9P50_1", measure: str = "AP", unit: str = "PATN", mult: str = "0",
    flow: str = "DF_PATENTS", partner: str = "_Z",
) -> str:  # fmt: skip
    """A line below OECD_HEADER."""
    return (
        f"DATAFLOW,OECD.STI.PIE:DSD_PATENTS@{flow}(1.0),Patents,I,{authorities},Offices,A,Annual,"
        f"{measure},Kind,{unit},Unit,PRIORITY,Priority date,{area},Name of {area},{partner},Not "
        f"applicable,{role},Role,_Z,Not applicable,{field},Field {field},_T,Total,{year},,{value},,"
        f"A,Normal value,{mult},Units,1,One"
    )


def oecd(*lines: str) -> str:
    """A labelled file of these lines."""
    return "\n".join([OECD_HEADER, *lines])


def eurostat(*lines: str, flow: str = "PAT_EP_NTOT", day: str = "22/05/26 11:00:00") -> str:
    """A file of lines that begin with the frequency."""
    return "\n".join([EUROSTAT_HEADER, *(f"ESTAT:{flow}(1.0),{day},{line}" for line in lines)])


# Faults: from the good answer to what is sent instead.


def says(status: int, text: str, content_type: str = "text/plain") -> Fault:
    """Another answer."""
    return lambda _: Response(text, status, content_type=content_type)


def later(_: Response) -> Response:
    """Eurostat's word that it will send a large answer later."""
    body = (
        '{"warning":{"status":413,"label":"ASYNCHRONOUS_RESPONSE. Your request will be treated"}}'
    )
    return Response(body, 413, content_type="application/json")
