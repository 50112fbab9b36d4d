-- One row per release that a figure comes from.
select
    release_id,
    'official_releases' as source_id,
    title,
    publisher,
    published,
    published_precision,
    address,
    trust,
    licence,
    note
from {{ ref('stg_official_releases__release') }}

union all by name

select
    release_id,
    source_id,
    'World Development Indicators, release of ' || vintage as title,
    'World Bank' as publisher,
    vintage as published,
    'day' as published_precision,
    'https://api.worldbank.org/v2' as address,
    'primary' as trust,
    'CC-BY-4.0' as licence
from {{ ref('stg_world_bank__observation') }}
group by all
