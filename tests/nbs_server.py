"""The bureau's new interface on loopback: a real HTTP server that answers in its own shapes.

Here: the page that opens a session, the search, tables by POST, and the guard's refusals to be
switched on. Not here: what the warehouse should make of them (test_nbs_easyquery.py).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Fault = Callable[[], Response]
#: Leaf of the tree to its indicator, the name it shows, its unit, and values by year as the bureau
#: prints them. One series stands in two leaves, by the years that they cover.
LEAVES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "aa01": ("b101", "专利申请授权数 ", "项",
             {"2023": "3649072", "2022": "4323409", "2021": "4601457"}),
    "aa02": ("b102", "专利申请授权数", "项", {"2020": "3639268", "2019": "2591607", "2018": ""}),
    "aa03": ("b103", "年末总人口", "万人", {"2023": "140967", "2022": "141175", "2021": "无"}),
}  # fmt: skip


class NbsServer:
    """Serves LEAVES; `requests` holds what was asked, and when. faults: by number of request."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/dg/website")
        self.requests: list[tuple[float, Request, Any]] = []
        self.faults: dict[int, Fault] = {}
        server.expect_request(re.compile("^/dg/website/")).respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        question = request.get_json() if request.method == "POST" else None
        self.requests.append((time.monotonic(), request, question))
        if fault := self.faults.get(len(self.requests)):
            return fault()
        if request.path.endswith("/page.html"):
            page = Response("<!DOCTYPE html><title>国家数据</title>", content_type="text/html")
            page.set_cookie("JSESSIONID", "s1")
            return page
        if request.path.endswith("/query"):
            return _json({"data": {"data": self._hits(request.args["search"])}})
        if request.path.endswith("/getEsDataByCidAndDt") and isinstance(question, dict):
            return _table(question)
        return Response("no such path", 404)

    def _hits(self, text: str) -> list[dict[str, str]]:
        # The search finds words: longer names too, and the like of other places and frequencies.
        return [
            {
                "cid": leaf, "indic_id": indicator, "show_name": name, "dt_type": "3",
                "dt_name": "年", "da": "000000000000",
            }
            for leaf, (indicator, name, _, _) in LEAVES.items()
            if text in name
        ] + [
            {"cid": "aa09", "indic_id": "b109", "show_name": f"{text}(外观设计)",
             "dt_type": "3", "dt_name": "年", "da": "000000000000"},
            {"cid": "aa08", "indic_id": "b108", "show_name": text,
             "dt_type": "1", "dt_name": "月", "da": "000000000000"},
            {"cid": "aa07", "indic_id": "b107", "show_name": text,
             "dt_type": "6", "dt_name": "年", "da": "110000000000"},
        ]  # fmt: skip


def _table(question: dict[str, Any]) -> Response:
    indicator, name, unit, values = LEAVES[question["cid"]]
    good = (
        question["indicatorIds"] == [indicator]
        and isinstance(question["dts"], list)
        and all(re.fullmatch("[0-9]{4}YY-[0-9]{4}YY", span) for span in question["dts"])
    )
    if not good:
        return failure()
    return _json(
        {
            "data": [
                {
                    "code": f"{year}YY",
                    "name": f"{year}年",
                    "values": [
                        {
                            "_id": indicator, "i_showname": name, "du_name": unit,
                            "catalogid": question["cid"], "value": value,
                            "da": "000000000000", "da_name": "全国",
                        }
                    ],
                }
                for year, value in values.items()
            ] + [{"code": "2017YY", "name": "2017年", "values": []}]
        }
    )  # fmt: skip


def _json(body: dict[str, Any]) -> Response:
    answer = {**body, "success": True, "state": 20000, "message": "成功"}
    return Response(json.dumps(answer, ensure_ascii=False), content_type="application/json")


# Faults: what is sent instead.


def failure() -> Response:
    """The interface's own error, with status 200."""
    return Response('{"success":false,"message":"参数错误"}', content_type="application/json")


def forbidden() -> Response:
    """What the closed interface says."""
    return Response("reason:UrlACL", 403)


def guard() -> Response:
    """The guard's page, as if all were well."""
    return Response("\n<html><script>wzws()</script></html>", content_type="text/html")


def challenge() -> Response:
    """The guard's redirect to the same address with a cookie."""
    answer = Response("", 307, {"Location": "/dg/website/page.html"})
    answer.set_cookie("wzws_cid", "x")
    return answer


def unavailable() -> Response:
    """503, which other services are asked again for."""
    return Response("busy", 503)
