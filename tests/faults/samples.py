"""Small whole files of every source, to be damaged: real ones, and some made by the tests' helpers.

Large real files are cut at a line. Not here: the damage (mutations.py), what must come of it.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import nbs_server
import safe_workbook
import sdmx_server as sdmx
import world_bank_server as wb
from regional_drops import workbook

from pipelines.settings import CHECKOUT
from pipelines.simulation import files

Shared = Callable[[str], Path]
#: Files of lines are cut to this: a parser's mistakes are at the edges of a file, not in its bulk.
LINES: Final = 40
LARGEST: Final = 120_000
DAY: Final = dt.date(2026, 11, 20)
#: Sources whose files tell themselves when they were released.
DATED: Final = {"eurostat", "wipo_ipstats", "world_bank"}


class Sample(NamedTuple):
    """A file as it is dropped: place names the inbox and the file; released: the folder's day."""

    place: str
    content: bytes
    released: dt.date | None = None


#: Real files by source, below the shared reference material.
REAL: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "cn_yearbook": {
        "cn_yearbook": (
            "data/cn_yearbook/raw/patent_03-valid_raw-2023.xlsx",
            "data/cn_yearbook/tidy/hitech-operation_2022.xlsx",
        )
    },
    "gbt4754": {
        "gbt4754": (
            "data/gbt4754_2017/DERIVED_gbt4754_2017.tsv",
            "data/gbt4754_2017/IndustryData.js",
        )
    },
    "ipc": {"ipc": ("data/ipc_scheme/ipc_class_e.json", "data/green_ipc/IPC_green_codes.csv")},
    "nbs_easyquery": {
        "nbs_easyquery": (
            "data/nbs_easyquery_recorded/test_stats_multi_zb.yaml",
            "data/nbs_easyquery_recorded/test_stats_with_reg_annual.yaml",
        )
    },
    "nbs_province": {
        "nbs_province": (
            "data/nbs_province_2024/historical_population.csv",
            "data/cn_province_population_gdp/GDP_raw_2010_2019_extract.csv",
            "data/cn_province_population_gdp/census2020_province_population.csv",
        )
    },
    "nbs_rd_bulletin": {
        "nbs_rd_bulletin": (
            "data/nbs_rd_bulletin/html_2018.html",
            "data/nbs_rd_bulletin/raw_raw-2023.xlsx",
        )
    },
    "wipo_ipstats": {"wipo_ipstats": ("samples/wipo/ips_downloadCsv_SYNTHETIC_VALUES.csv",)},
    "world_bank": {
        "world_bank": (
            "data/world_bank/api_v2_bodies/wb_long_format_1_SP.POP.TOTL.json",
            "data/world_bank/ds2_release_2026-01/API_IP.PAT.RESD_DS2_en_csv_v2_226.csv",
        )
    },
    "patent_register": {
        "cnipa_export": ("data/cnipa_pss_export/cnipa_pss_query_2021.csv",),
        "cnipa_xml": (
            "data/cnipa_xml/CN102010000298420CN00001019453140BFULZH20190802CN00D.XML",
            "data/cnipa_xml/CN101985000000312CN00000851003120AFULZH19870204CN00Z.XML",
        ),
        "lens": ("data/lens_export/lens_export_full_columns.csv",),
        "google_patents": (
            "data/google_patents_export/patents.csv",
            "data/google_patents_search/gp-search.csv",
        ),
        "epo_ops": (
            "data/epo_ops_responses/get_family.xml",
            "data/epo_ops_responses/get_legal.xml",
        ),
        "uspto": (
            "samples/uspto_maintfee/MaintFeeEvents_2018_layout.txt",
            "samples/uspto_assignment/padx_MIT_31066_972.xml",
        ),
    },
}


def of(source_id: str, shared: Shared) -> list[Sample]:
    """All samples of a source. Skips (fails in CI) where they are real files that are not here."""
    made = list(MADE[source_id]()) if source_id in MADE else []
    real = [
        Sample(f"inbox/{inbox}/{Path(name).name}", shortened(shared(name).read_bytes()))
        for inbox, names in REAL.get(source_id, {}).items()
        for name in names
    ]
    released = None if source_id in DATED else DAY
    return [sample._replace(released=released) for sample in made + real]


def shortened(content: bytes) -> bytes:
    """A large tree with the first branches of each, a large file of lines with the first lines."""
    if len(content) <= LARGEST or content.startswith(b"PK"):
        return content
    begin, end = content.find(b"["), content.rfind(b"]") + 1
    if content[:1] in b"{[":
        begin, end = 0, len(content)
    try:
        tree = pruned(json.loads(content[begin:end]))
    except ValueError:
        return b"".join(content.splitlines(keepends=True)[:LINES])
    return content[:begin] + json.dumps(tree, ensure_ascii=False).encode() + content[end:]


def pruned(tree: Any) -> Any:
    """The first branches of every branch."""
    match tree:
        case dict():
            return {name: pruned(value) for name, value in tree.items()}
        case list():
            return [pruned(value) for value in tree[:3]]
    return tree


def _world_bank() -> Iterator[Sample]:
    head = {"page": 1, "pages": 1, "per_page": 50, "total": 2, "sourceid": "2",
            "lastupdated": "2026-01-28"}  # fmt: skip
    rows = [wb.item("IP.PAT.RESD", "Patents", "CHN", "2021", 1426644),
            wb.item("IP.PAT.RESD", "Patents", "JPN", "2022", None)]  # fmt: skip
    yield Sample("inbox/world_bank/page.json", json.dumps([head, rows]).encode())
    economies = [wb.economy(*row) for row in wb.ECONOMIES]
    yield Sample("inbox/world_bank/economies.json", json.dumps([head, economies]).encode())


def _oecd() -> Iterator[Sample]:
    lines = [sdmx.oecd_line(area, "2012", "1614.0917") for area in ("AUS", "CHN", "USA")]
    yield Sample("inbox/oecd/flow.csv", sdmx.oecd(*lines).encode())


def _eurostat() -> Iterator[Sample]:
    text = sdmx.eurostat("A,NR,DE,2012,24000.5,,", "A,NR,FR,2012,:,c,", "A,NR,EL,2013,60,p,")
    yield Sample("inbox/eurostat/flow.csv", text.encode())


def _nbs_easyquery() -> Iterator[Sample]:
    question = {"cid": "aa03", "indicatorIds": ["b103"], "dts": ["2021YY-2023YY"]}
    table = nbs_server._table(question).get_data()
    yield Sample("inbox/nbs_easyquery/table.json", table)


def _safe() -> Iterator[Sample]:
    content = safe_workbook.workbook([2024.1, 2024.2], [4.1, 5.2], [-31.5, -29])
    yield Sample("inbox/safe_bop/bop.xlsx", content)


def _yearbook() -> Iterator[Sample]:
    rows: list[list[str | int]] = [
        ["8-9 国内三种专利有效数按地区分布(2023年)"],
        ["单位:件"],
        ["地区", "Region", "合计", "发明", "实用新型", "外观设计"],
        ["全国", "National Total", 10, 5, 3, 2],
        ["北京", "Beijing", 10, 5, 3, 2],
    ]
    yield Sample("inbox/cn_yearbook/good-2023.xlsx", workbook(rows))


def _official() -> Iterator[Sample]:
    for path in sorted((CHECKOUT / "raw" / "official_releases").glob("*.csv")):
        yield Sample(f"official_releases/{path.name}", path.read_bytes())


def _flags() -> Iterator[Sample]:
    text = (
        "application_number,publication_number,flag,office,sei_code\n"
        "CN202011172919.0,,1,CN,1.2\n,CN109876543B,否,CN,\nCN202011117939.8,,是,CN,\n"
    )
    yield Sample("inbox/sei_flags/flags.csv", text.encode())
    yield Sample("inbox/sei_flags/flags.csv", text.encode("gb18030"))


@cache
def _simulated() -> tuple[Sample, ...]:
    with tempfile.TemporaryDirectory() as folder:
        written = files.write(Path(folder), 30, seed=1).files
        return tuple(
            Sample(f"inbox/simulated/{path.parent.name}/{path.name}", path.read_bytes())
            for path in written
        )


MADE: Final[dict[str, Callable[[], Iterable[Sample]]]] = {
    "cn_yearbook": _yearbook,
    "eurostat": _eurostat,
    "nbs_easyquery": _nbs_easyquery,
    "oecd": _oecd,
    "official_releases": _official,
    "safe_bop": _safe,
    "sei_flags": _flags,
    "simulated_register": _simulated,
    "world_bank": _world_bank,
}
