"""China by province: the series that the regional sources bring, and what one cell of them is.

Here: units and definitions of the series, the columns that all these tables share and the rules
over one row. Not here: rules between rows (contracts/rules/by_region.py), which headings a sheet
has (the sources), what the numbers are used for (dbt).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl
from pandera.polars import PolarsData, check

from contracts import vocabulary as v
from contracts.base import column
from contracts.cells import PublishedCell
from contracts.units import UNIT_MEASURES, UNITS

_PATENT_SCOPE: Final = (
    " by place of the first-named applicant; the nation counts Hong Kong, Macao and Taiwan"
)
_HIGH_TECH: Final = " of high-technology manufacturing enterprises above designated size"


class Series(NamedTuple):
    """What is measured. unit: of plain values. jump: how many times the greater (or lesser) of its
    neighbours a year's value may be before somebody must look; None: too small or too unsteady a
    series to say. signed: may be negative. nation: bounds of the national value in the years from
    2000 to 2040, wide, but less than a factor of 10 000 apart: they tell 万元 from 亿元.
    """

    unit: str
    name: str
    definition: str
    jump: float | None = None
    signed: bool = False
    nation: tuple[float, float] | None = None


def _patents(key: str, name: str, what: str, jump: float) -> dict[str, Series]:
    kinds = {
        "total": "all three types",
        "invention": "inventions",
        "utility_model": "utility models",
        "design": "designs",
    }
    return {
        f"cn_{key}_{kind}": Series(
            "NUMBER", f"{name}: {label}", f"{what}, {label}," + _PATENT_SCOPE, jump
        )
        for kind, label in kinds.items()
    }


def _high_tech(
    key: str,
    name: str,
    unit: str,
    jump: float | None = None,
    signed: bool = False,
    nation: tuple[float, float] | None = None,
) -> dict[str, Series]:
    title = f"High-tech industry: {name}"
    return {f"cn_hightech_{key}": Series(unit, title, name + _HIGH_TECH, jump, signed, nation)}


#: Tables of the China Statistical Yearbook on Science and Technology.
YEARBOOK: Final[dict[str, Series]] = {
    **_patents(
        "patent_applications", "Domestic patent applications", "Applications of the year", 3
    ),
    **_patents("patent_grants", "Domestic patents granted", "Grants of the year", 3),
    **_patents("patents_in_force", "Domestic patents in force", "In force at year-end", 2),
    "cn_plant_variety_applications": Series(
        "NUMBER",
        "Plant variety applications",
        "Applications for rights in new varieties of agricultural plants, by place of applicant",
        4,
    ),
    "cn_plant_variety_grants": Series(
        "NUMBER",
        "Plant variety grants",
        "Rights granted in new varieties of agricultural plants, by place of owner",
        4,
    ),
    "cn_technology_inflow_contracts": Series(
        "NUMBER",
        "Technology market: contracts flowing in",
        "Technology contracts by the buyer's place; the nation includes Hong Kong, Macao, Taiwan "
        "and others",
        4,
    ),
    "cn_technology_inflow_value": Series(
        "CNY",
        "Technology market: value flowing in",
        "Value of technology contracts by the buyer's place; the nation includes Hong Kong, Macao, "
        "Taiwan and others",
        4,
    ),
    "cn_technology_outflow_contracts": Series(
        "NUMBER",
        "Technology market: contracts flowing out",
        "Technology contracts by the seller's place; the nation includes Hong Kong, Macao, Taiwan "
        "and others",
        4,
    ),
    "cn_technology_outflow_value": Series(
        "CNY",
        "Technology market: value flowing out",
        "Value of technology contracts by the seller's place; the nation includes Hong Kong, "
        "Macao, Taiwan and others",
        4,
    ),
    **_high_tech("enterprises", "Number of enterprises", "NUMBER", jump=3, nation=(5e3, 5e5)),
    **_high_tech("revenue", "Revenue from principal business", "CNY", jump=3, nation=(5e11, 2e14)),
    **_high_tech("profit", "Total profit", "CNY", signed=True, nation=(3e10, 2e13)),
    **_high_tech("investment", "Investment", "CNY", jump=3),
    **_high_tech("new_fixed_assets", "Newly added fixed assets", "CNY"),
    **_high_tech("investment_projects", "Investment projects under construction", "NUMBER"),
    **_high_tech("investment_projects_started", "Investment projects started", "NUMBER"),
    **_high_tech("investment_projects_completed", "Investment projects completed", "NUMBER"),
    **_high_tech("rd_expenditure", "Internal expenditure on R&D", "CNY", jump=4),
    **_high_tech("rd_personnel", "R&D personnel, full-time equivalent", "FTE", jump=4),
    **_high_tech("rd_projects", "R&D projects", "NUMBER"),
    **_high_tech("rd_project_funds", "Funds of R&D projects", "CNY"),
    **_high_tech("rd_institutions", "R&D institutions", "NUMBER", jump=4),
    **_high_tech("new_product_projects", "Projects of new products", "NUMBER", jump=4),
    **_high_tech("new_product_funds", "Expenditure on new products", "CNY", jump=4),
    **_high_tech("new_product_sales", "Sales of new products", "CNY"),
    **_high_tech("new_product_exports", "Exports of new products", "CNY"),
    **_high_tech("patent_applications", "Patent applications", "NUMBER", jump=4),
    **_high_tech("invention_applications", "Patent applications, inventions", "NUMBER", jump=4),
    **_high_tech("patents_in_force", "Patents in force, as the table heads them", "NUMBER", jump=4),
    **_high_tech("technology_import", "Expenditure on technology from abroad", "CNY"),
    **_high_tech("technology_purchase", "Expenditure on domestic technology", "CNY"),
    **_high_tech("technology_absorption", "Expenditure on absorbing technology", "CNY"),
    **_high_tech("technical_renovation", "Expenditure on technical renovation", "CNY"),
}
#: Tables of the statistical bulletin on science and technology expenditure.
RD_BULLETIN: Final[dict[str, Series]] = {
    "cn_rd_expenditure": Series(
        "CNY",
        "R&D expenditure",
        "Expenditure on research and experimental development",
        jump=2,
        nation=(5e10, 5e13),
    ),
    "cn_rd_intensity": Series(
        "PT", "R&D intensity", "R&D expenditure in percent of GDP", jump=2, nation=(0.5, 10)
    ),
}
#: Population and GDP by province.
PROVINCE: Final[dict[str, Series]] = {
    "cn_resident_population": Series(
        "PERSONS",
        "Resident population",
        "Usual residents at the end of the year, or on the day of a census; the nation counts the "
        "active military, no province does",
        jump=1.04,
        nation=(1e9, 2e9),
    ),
    "cn_gdp": Series(
        "CNY",
        "Gross domestic product",
        "GDP at current prices",
        jump=1.15,
        nation=(5e12, 1e15),
    ),
}
SERIES: Final = {**YEARBOOK, **RD_BULLETIN, **PROVINCE}


class RegionalCell(PublishedCell):
    """One cell of a table by province, in plain units, also where it holds no value."""

    indicator_id: str = column("key of the series", isin=sorted(SERIES))
    indicator_name: str = column("English name of the series")
    definition: str = column("what is counted")
    ref_area: str = column(
        "ISO 3166-2:CN, a group of ref_areas.csv, or ISO 3166-1 alpha-2 of a country",
    )
    ref_area_name: str = column("the row's name, as printed")
    obs_value: float = column("value in unit_measure; NULL: none printed", nullable=True)
    unit_measure: str = column("unit of obs_value", isin=sorted(UNIT_MEASURES))
    unit_as_published: str = column("unit as printed")
    vintage: pl.Date = column("day of the publication, as exact as vintage_precision says")
    vintage_precision: str = column("how exactly that day is known", isin=v.DATE_PRECISION)
    release_id: str = column("publication that the value stands in", matches=v.SLUG)
    release_title: str = column("its title")
    trust: str = column("how near to the publisher the file is", isin=v.TRUST)
    note: str = column("footnotes of the table", nullable=True)
    sheet: str = column("sheet of the workbook; NULL for other files", nullable=True)
    cell: str = column("address of the cell; NULL for other files", nullable=True)

    @check("ref_area")
    @classmethod
    def known_area(cls, data: PolarsData) -> pl.LazyFrame:
        code = pl.col(data.key or "")
        return data.lazyframe.select(code.str.contains(f"^{v.REF_AREA}$"))

    @check("unit_as_published")
    @classmethod
    def unit_fits_the_series(cls, data: PolarsData) -> pl.LazyFrame:
        wanted = pl.col("indicator_id").replace_strict(
            {key: series.unit for key, series in SERIES.items()},
            default=None,
            return_dtype=pl.String,
        )
        known = pl.col(data.key or "").is_in(list(UNITS))
        return data.lazyframe.select(known & wanted.eq_missing(pl.col("unit_measure")))

    @check("obs_value")
    @classmethod
    def only_signed_series_are_negative(cls, data: PolarsData) -> pl.LazyFrame:
        signed = [key for key, series in SERIES.items() if series.signed]
        negative = pl.col("obs_value").fill_null(0) < 0
        return data.lazyframe.select(~negative | pl.col("indicator_id").is_in(signed))
