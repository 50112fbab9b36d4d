-- One row per area that a figure can be for. The reviewed areas of China come first, then ISO
-- countries, then what other sources list besides; a code that no list knows stays unknown.
with reviewed as (
    select
        ref_area,
        name_en,
        name_zh,
        kind,
        parent,
        gb_code,
        geo_scope,
        is_aggregate
    from {{ ref('stg_official_releases__ref_area') }}
),

iso as (
    select
        alpha_3 as ref_area,
        name as name_en,
        'country' as kind,
        'economy' as geo_scope,
        false as is_aggregate
    from {{ ref('iso_3166_1') }}
),

world_bank as (
    select
        ref_area,
        name as name_en,
        case when is_aggregate then 'aggregate' else 'country' end as kind,
        'economy' as geo_scope,
        is_aggregate
    from {{ ref('stg_world_bank__economy') }}
),

named_in_data as (
    select
        ref_area,
        arg_max(ref_area_name, vintage) as name_en,
        'unlisted' as kind
    from (
        {% for source_id in ['world_bank', 'wipo_ipstats', 'oecd', 'eurostat'] %}
            select
                ref_area,
                ref_area_name,
                vintage
            from {{ ref('stg_' ~ source_id ~ '__observation') }}
            {{ 'union all' if not loop.last }}
        {% endfor %}
    )
    group by ref_area
),

other_codes as (
    -- Regional offices, former countries and WIPO's groups.
    select
        ref_area,
        name as name_en,
        kind,
        'economy' as geo_scope,
        is_aggregate
    from {{ ref('wipo_areas') }}
    union all
    -- Groups of the OECD and Eurostat.
    select
        ref_area,
        name as name_en,
        case when is_aggregate then 'aggregate' else 'country' end as kind,
        'economy' as geo_scope,
        is_aggregate
    from {{ ref('sdmx_areas') }}
),

world_bank_codes as (
    -- Codes that ISO lacks: the groups, Kosovo, the Channel Islands.
    select
        ref_area,
        name as name_en,
        case when is_aggregate then 'aggregate' else 'country' end as kind,
        'economy' as geo_scope,
        is_aggregate
    from {{ ref('world_bank_areas') }}
),

listed as (
    select
        *,
        1 as list
    from reviewed
    union all by name
    select
        *,
        2 as list
    from world_bank
    union all by name
    select
        *,
        3 as list
    from iso
    union all by name
    select
        *,
        4 as list
    from world_bank_codes
    union all by name
    select
        *,
        5 as list
    from other_codes
    union all by name
    select
        *,
        6 as list
    from named_in_data
)

select
    l.ref_area,
    l.name_en,
    l.name_zh,
    l.kind,
    l.parent,
    l.gb_code,
    l.geo_scope,
    l.is_aggregate,
    e.region,
    e.income_level
from listed as l
left join {{ ref('stg_world_bank__economy') }} as e on l.ref_area = e.ref_area
qualify row_number() over (partition by l.ref_area order by l.list) = 1
