-- One row per measure, area (province, Hong Kong, Macao, Taiwan, nation) and year: the official
-- annual figure to set beside those of other provinces.
--
-- A table that has most of the 31 provinces comes before a local release: figures of one table
-- compare. in_table says which of the two a figure is.
with area as (
    select
        ref_area,
        kind = 'province' and parent = 'CHN' as is_province
    from {{ ref('dim_ref_area') }}
    where
        (kind in ('province', 'sar') and parent in ('CHN', 'CHN_HKMT'))
        or ref_area in ('CHN', 'CHN_HKMT')
),

series as (
    select
        indicator_id,
        measure
    from {{ ref('region_measures') }}

    union all

    -- What a province set itself a target for, and no table gives.
    select distinct
        t.indicator_id,
        t.indicator_id as measure
    from {{ ref('fct_plan_target') }} as t
    inner join area on t.ref_area = area.ref_area
    where
        area.is_province
        and t.indicator_id not in (select m.indicator_id from {{ ref('region_measures') }} as m)
),

candidate as (
    select
        o.* exclude (indicator_id),
        series.measure as indicator_id,
        o.indicator_id as series_id,
        area.is_province,
        count(distinct o.ref_area) filter (where area.is_province and o.obs_value is not null)
            over (partition by o.indicator_id, o.release_id, o.time_period)
        > 15 as in_table
    from {{ ref('int_observation__unioned') }} as o
    inner join series on o.indicator_id = series.indicator_id
    inner join area on o.ref_area = area.ref_area
    where
        o.freq = 'A'
        and o.may_publish
        and o.trust != 'review'
        and o.qualifier is null
        and not o.is_derived
        and not o.is_proxy
),

comparable as (
    select *
    from candidate
    qualify
        in_table
        or not bool_or(in_table) over (partition by indicator_id, ref_area, time_period)
)

select
    indicator_id as measure,
    series_id as indicator_id,
    ref_area,
    is_province,
    in_table,
    time_period,
    obs_value,
    unit_measure,
    obs_status,
    value_as_published,
    unit_as_published,
    vintage,
    source_id,
    release_id,
    trust,
    correction_reason,
    place,
    note,
    raw_sha256,
    raw_row
from ({{ preferred_observation('comparable') }})
