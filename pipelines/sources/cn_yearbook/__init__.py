"""China Statistical Yearbook on Science and Technology: tables by province, dropped by a person.

raw/inbox/cn_yearbook/*.xlsx and *.xls: the yearbook's own sheets, or the tidy form of them. The
yearbook is copyright: single figures are cited, its files stay with the user. Not here: what a good
cell is (contracts/cn_yearbook.py), rules between cells (contracts/rules/by_region.py).
"""

from __future__ import annotations

from contracts.cn_yearbook import Observation
from pipelines.regional import frame
from pipelines.regional_tidy import is_tidy
from pipelines.sheets import sheets
from pipelines.source import Cadence, Licence, Parsed, Payload, Source
from pipelines.sources.cn_yearbook import tables, tidy
from pipelines.sources.cn_yearbook.review import review

__all__ = ["SOURCE", "parse"]


def parse(payload: Payload) -> Parsed:
    """Rows of a workbook: each sheet is a table of the yearbook or its tidy form.

    Raises SourceFormatError naming file, sheet and cell.
    """
    rows = []
    for sheet in sheets(payload.name, payload.content):
        header = [str(cell).strip() for cell in sheet.rows[0]]
        if header[:2] == tidy.VARIABLES:
            return Parsed({}, notes=("a list of variables: no figures",))
        read = tidy.read if is_tidy(sheet) else tables.read
        rows += read(payload, sheet)
    return Parsed({"observation": frame(rows, Observation)}, payload.release_date)


SOURCE = Source(
    id="cn_yearbook",
    title="China Statistical Yearbook on Science and Technology: tables by province",
    publisher="National Bureau of Statistics and Ministry of Science and Technology of China",
    licence=Licence(
        id="cite-source",
        attribution="National Bureau of Statistics and Ministry of Science and Technology: China "
        "Statistical Yearbook on Science and Technology (China Statistics Press), by edition and "
        "table; single figures with citation, never the sheets",
        url="https://www.stats.gov.cn/",
    ),
    cadence=Cadence.YEARLY,
    tables={"observation": Observation},
    parse=parse,
    review=review,
    default_base_url="",
    accepts=("*.xlsx", "*.xls"),
    covers=("observation", "time_period"),
)
