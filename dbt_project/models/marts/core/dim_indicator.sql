-- One row per indicator: reviewed definitions, and the series that other sources name.
{%- set sources = {
    'world_bank': {
        'definition': "'World Development Indicators series; see the publisher''s metadata'",
        'stands_at': "'https://databank.worldbank.org/metadataglossary/world-development-indicators/series/'
            || indicator_id",
    },
    'wipo_ipstats': {
        'definition': "'WIPO IP Statistics, as the export names it; residents by the first-named applicant'",
        'stands_at': "'https://www.wipo.int/ipstats/'",
        'warning': "'WIPO''s terms forbid republishing: fct_observation has no values of it; "
            ~ "mart_technology_profile shows what is derived of them'",
    },
    'cn_yearbook': {
        'definition': 'arg_max(definition, vintage)',
        'stands_at': "'China Statistical Yearbook on Science and Technology, headings of the table'",
    },
    'nbs_province': {
        'definition': 'arg_max(definition, vintage)',
        'stands_at': "'https://data.stats.gov.cn'",
        'warning': "'vintages differ: years before a census or an economic census are revised after it'",
    },
    'nbs_rd_bulletin': {
        'definition': 'arg_max(definition, vintage)',
        'stands_at': "'National bulletin on science and technology expenditure, table by region'",
    },
    'safe_bop': {
        'definition': "'Balance of payments item 知识产权使用费, with the printed sign: debits negative'",
        'stands_at': "'https://www.safe.gov.cn'",
    },
    'nbs_easyquery': {
        'definition': "'National data, as the bureau names the series; the code counts within its database'",
        'stands_at': "'https://data.stats.gov.cn'",
        'warning': "'revised in place, without a date of release: the vintage is the day of the answer'",
    },
    'oecd': {
        'definition': "'OECD patent statistics, fractional counts: a patent of two economies counts half for each'",
        'stands_at': "'https://sdmx.oecd.org/public/rest/dataflow/OECD.STI.PIE/DSD_PATENTS@DF_PATENTS/1.0'",
        'warning': "'the last two to four years are not complete; the history is recomputed at each release'",
    },
    'eurostat': {
        'definition': "'Eurostat data set and codes of its dimensions; see the publisher''s metadata'",
        'stands_at': "'https://ec.europa.eu/eurostat/databrowser/view/' || lower(split_part(indicator_id, '.', 2))",
    },
} %}
with fetched as (
    {% for source_id, told in sources.items() %}
        select
            indicator_id,
            arg_max(indicator_name, vintage) as name_en,
            arg_max(unit_measure, vintage) as unit_measure,
            {{ told.definition }} as definition,
            {{ told.stands_at }} as definition_source,
            {{ told.warning or 'cast(null as varchar)' }} as usage_warning,
            '{{ source_id }}' as source_id
        from {{ ref('stg_' ~ source_id ~ '__observation') }}
        group by indicator_id
        {{ 'union all by name' if not loop.last }}
    {% endfor %}
)

select
    indicator_id,
    name_en,
    name_zh,
    definition,
    definition_source,
    unit_measure,
    direction,
    stock_or_flow,
    scope,
    since,
    usage_warning,
    'official_releases' as source_id
from {{ ref('stg_official_releases__indicator') }}

union all by name

select
    *,
    'none' as direction
from fetched
