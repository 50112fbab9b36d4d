-- One row per indicator, province and year: the indicator's value and where it stands between the
-- lowest (0) and the highest (1) province of the year.
--
-- An indicator takes part in a year in which most provinces have it; one without it has NULL.
with indicator as (
    select distinct
        indicator,
        measure,
        basis
    from {{ ref('region_index_weights') }}
),

profile as (
    select *
    from {{ ref('mart_region_measure') }}
    where area_kind = 'province'
),

years as (
    select distinct time_period
    from profile
    where in_table and topic = 'patents'
),

asked as (
    select
        i.indicator,
        i.measure,
        i.basis,
        g.ref_area,
        y.time_period
    from indicator as i
    cross join {{ ref('region_groups') }} as g
    cross join years as y
),

valued as (
    select
        a.indicator,
        a.ref_area,
        a.time_period,
        case a.basis
            when 'obs_value' then p.obs_value
            when 'per_10k_residents' then p.per_10k_residents
            when 'growth' then p.growth
            when 'per_gdp' then p.obs_value / nullif(gdp.obs_value, 0)
        end as indicator_value
    from asked as a
    left join profile as p
        on
            a.measure = p.measure
            and a.ref_area = p.ref_area
            and a.time_period = p.time_period
            and p.in_table
    left join profile as gdp
        on
            gdp.measure = 'gdp'
            and a.ref_area = gdp.ref_area
            and a.time_period = gdp.time_period
)

select
    *,
    (indicator_value - min(indicator_value) over of_year)
    / nullif(max(indicator_value) over of_year - min(indicator_value) over of_year, 0) as position,
    count(indicator_value) over of_year > 15 as takes_part
from valued
window of_year as (partition by indicator, time_period)
