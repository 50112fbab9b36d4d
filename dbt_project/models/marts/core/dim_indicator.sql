-- One row per indicator: reviewed definitions, and the series that fetched sources name.
with fetched as (
    select
        indicator_id,
        arg_max(indicator_name, vintage) as name_en,
        arg_max(unit_measure, vintage) as unit_measure
    from {{ ref('stg_world_bank__observation') }}
    group by indicator_id
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
    indicator_id,
    name_en,
    'World Development Indicators series; see the publisher''s metadata' as definition,
    'https://databank.worldbank.org/metadataglossary/world-development-indicators/series/'
    || indicator_id as definition_source,
    unit_measure,
    'none' as direction,
    'world_bank' as source_id
from fetched
