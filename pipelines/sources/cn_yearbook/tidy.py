"""The tidy form of yearbook tables: its variables, and the edition that a year is taken to be in.

Not here: the yearbook's own sheets (tables.py), how the form is read (pipelines/regional_tidy.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipelines import regional_tidy
from pipelines.regional import NATION, REGISTER, Publication, Row
from pipelines.sheets import Sheet
from pipelines.source import Payload
from pipelines.sources.cn_yearbook.tables import published

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
    """The rows of a sheet; see pipelines.regional_tidy."""

    def publication(series: str, year: str) -> Publication:
        note = None if _is_of_one_year(series) else _NOTE
        return published(payload, int(year) + 1, kind="tidy", trust="mirror", note=note)

    def words(series: str) -> Mapping[str, str]:
        return REGISTER if _is_of_one_year(series) else NATION

    return regional_tidy.read(payload, sheet, VARIABLE, publication, words)


def _is_of_one_year(series: str) -> bool:
    """Tables of patents and varieties print one year, and so one edition prints it."""
    return series.startswith(("cn_patent", "cn_plant"))
