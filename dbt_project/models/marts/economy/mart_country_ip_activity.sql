-- One row per economy or aggregate and year: filings, royalties and the bases to compare them by.
with series as (
    select
        ref_area,
        cast(time_period as integer) as time_year,
        indicator_id,
        obs_value,
        vintage
    from {{ ref('fct_observation_latest') }}
    where source_id = 'world_bank' and freq = 'A' and obs_value is not null
),

wide as (
    select
        ref_area,
        time_year,
        {% for name, code in [
            ('patent_applications_residents', 'IP.PAT.RESD'),
            ('patent_applications_nonresidents', 'IP.PAT.NRES'),
            ('trademark_applications_residents', 'IP.TMK.RSCT'),
            ('trademark_applications_nonresidents', 'IP.TMK.NRCT'),
            ('trademark_applications_direct_residents', 'IP.TMK.RESD'),
            ('trademark_applications_direct_nonresidents', 'IP.TMK.NRES'),
            ('design_applications_residents', 'IP.IDS.RSCT'),
            ('design_applications_nonresidents', 'IP.IDS.NRCT'),
            ('royalty_receipts_usd', 'BX.GSR.ROYL.CD'),
            ('royalty_payments_usd', 'BM.GSR.ROYL.CD'),
            ('population', 'SP.POP.TOTL'),
            ('gdp_usd', 'NY.GDP.MKTP.CD'),
            ('gdp_lcu', 'NY.GDP.MKTP.CN'),
            ('exchange_rate_lcu_per_usd', 'PA.NUS.FCRF'),
            ('rd_expenditure_pct_gdp', 'GB.XPD.RSDV.GD.ZS'),
        ] %}
            max(obs_value) filter (where indicator_id = '{{ code }}') as {{ name }},
        {% endfor %}
        max(vintage) as newest_vintage
    from series
    group by ref_area, time_year
)

select
    w.ref_area,
    a.name_en as ref_area_name,
    a.is_aggregate,
    a.region,
    a.income_level,
    cast(w.time_year as varchar) as time_period,
    w.* exclude (ref_area, time_year, newest_vintage),
    w.patent_applications_residents * 1e6 / w.population as resident_patents_per_million,
    w.patent_applications_residents * 1e9 / w.gdp_usd as resident_patents_per_billion_usd_gdp,
    w.patent_applications_residents
    / (w.patent_applications_residents + w.patent_applications_nonresidents)
        as resident_share_of_patent_applications,
    w.newest_vintage
from wide as w
left join {{ ref('dim_ref_area') }} as a on w.ref_area = a.ref_area
