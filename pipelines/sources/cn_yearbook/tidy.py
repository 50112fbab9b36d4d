"""The tidy form of yearbook tables: a row for each province and variable of one year.

Not here: the yearbook's own sheets (tables.py).
"""

from __future__ import annotations

import re
from typing import Final

from contracts.regional import SERIES
from contracts.units import UNITS
from pipelines.regional import NATION, REGISTER, Place, Row, printed, row, squeezed
from pipelines.sheets import Sheet, address
from pipelines.source import Payload, SourceFormatError
from pipelines.sources.cn_yearbook.tables import published

HEADER: Final = ["province", "year", "chn_block4", "value", "units", "variables"]
#: The list of variables that comes with the files.
VARIABLES: Final = ["variables", "chn_full_name"]

#: Series by the file's name of a variable.
_NAMES: Final = {
    "cg_zlsq_hj": "patent_applications_total",
    "cg_zlsq_fm": "patent_applications_invention",
    "cg_zlsq_syxx": "patent_applications_utility_model",
    "cg_zlsq_wgsj": "patent_applications_design",
    "cg_zlsq2_hj": "patent_grants_total",
    "cg_zlsq2_fm": "patent_grants_invention",
    "cg_zlsq2_syxx": "patent_grants_utility_model",
    "cg_zlsq2_wgsj": "patent_grants_design",
    "cg_zlsyx_hj": "patents_in_force_total",
    "cg_zlsyx_fm": "patents_in_force_invention",
    "cg_zlsyx_syxx": "patents_in_force_utility_model",
    "cg_zlsyx_wgsj": "patents_in_force_design",
    "cg_zwxpz_sq": "plant_variety_applications",
    "cg_zwxpz_sq2": "plant_variety_grants",
    "cg_jssr_ht": "technology_inflow_contracts",
    "cg_jssr_je": "technology_inflow_value",
    "cg_jssc_ht": "technology_outflow_contracts",
    "cg_jssc_je": "technology_outflow_value",
    "cy_scjy_qys": "hightech_enterprises",
    "cy_scjy_zyyw": "hightech_revenue",
    "cy_scjy_lrze": "hightech_profit",
    "cy_cytz_tzze": "hightech_investment",
    "cy_cytz_gdzc": "hightech_new_fixed_assets",
    "cy_cytz_sgxm": "hightech_investment_projects",
    "cy_cytz_kgxm": "hightech_investment_projects_started",
    "cy_cytz_jcxm": "hightech_investment_projects_completed",
    "cy_RDhd_nbzc": "hightech_rd_expenditure",
    "cy_RDhd_qsdl": "hightech_rd_personnel",
    "cy_RDhd_xmsl": "hightech_rd_projects",
    "cy_RDhd_xmjf": "hightech_rd_project_funds",
    "cy_RDhd_yfjgs": "hightech_rd_institutions",
    "cy_xcp_kfxm": "hightech_new_product_projects",
    "cy_xcp_kfjf": "hightech_new_product_funds",
    "cy_xcp_xssr": "hightech_new_product_sales",
    "cy_xcp_ck": "hightech_new_product_exports",
    "cy_qyzl_sqs": "hightech_patent_applications",
    "cy_qyzl_fms": "hightech_invention_applications",
    "cy_qyzl_yxs": "hightech_patents_in_force",
    "cy_jsgz_yjzc": "hightech_technology_import",
    "cy_jsgz_gmzc": "hightech_technology_purchase",
    "cy_jsgz_xszc": "hightech_technology_absorption",
    "cy_jsgz_gzzc": "hightech_technical_renovation",
}
#: The files number the part of the yearbook before the variable.
VARIABLE: Final = {f"v4_{name}": f"cn_{series}" for name, series in _NAMES.items()}

_NOTE: Final = "the file names no edition; taken as the first that can print the year"


def read(payload: Payload, sheet: Sheet) -> list[Row]:
    """The rows of a sheet.

    Raises SourceFormatError naming the cell when a variable is unknown or the years differ from
    each other or from the name of the file.
    """
    found: list[Row] = []
    named = re.findall("(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", payload.name)
    year = named[-1] if named else squeezed(sheet.rows[1][1])
    for at, line in enumerate(sheet.rows[1:], 1):
        if all(cell == "" for cell in line):
            continue
        if squeezed(line[1]) != year:
            raise SourceFormatError(
                f"{sheet.at(at, 1)}: the year {printed(line[1])!r} is out of place; expected {year}"
            )
        variable = printed(line[5])
        if variable not in VARIABLE:
            raise SourceFormatError(
                f"{sheet.at(at, 5)}: {variable!r} ({line[2]}) is no known variable"
            )
        series = VARIABLE[variable]
        patents = series.startswith(("cn_patent", "cn_plant"))
        note = None if patents else _NOTE
        publication = published(payload, int(year) + 1, kind="tidy", trust="mirror", note=note)
        words = REGISTER if patents else NATION
        place = Place(at + 1, sheet.name, address(at, 3))
        unit = _unit(series, printed(line[4]))
        found.append(row(series, str(line[0]), year, line[3], unit, place, publication, words))
    return found


def _unit(series: str, printed_units: str) -> str:
    """The unit of a series; a table of several series may name them all (个,亿元)."""
    fitting = [
        unit
        for unit in re.split("[,.，、]", printed_units)
        if UNITS.get(unit, ("", 0))[0] == SERIES[series].unit
    ]
    return fitting[0] if len(fitting) == 1 else printed_units
