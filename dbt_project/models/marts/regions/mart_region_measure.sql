-- One row per measure, area and year: a province's figure beside those of the others, and its own
-- plan's target in the row of the deadline.
with measure as (
    select distinct
        measure,
        name_en,
        topic,
        adds_up
    from {{ ref('region_measures') }}
),

figure as (
    select * from {{ ref('int_region__figure') }}
),

target as (
    select
        t.*,
        coalesce(s.measure, t.indicator_id) as measure
    from {{ ref('fct_plan_target') }} as t
    inner join {{ ref('dim_ref_area') }} as a on t.ref_area = a.ref_area
    left join {{ ref('region_measures') }} as s on t.indicator_id = s.indicator_id
    where a.kind = 'province'
),

-- A table of a year has a row for each of the 31 provinces here, whether or not one was published.
asked as (
    select
        f.measure,
        a.ref_area,
        f.time_period,
        true as table_of_year
    from (
        select distinct
            measure,
            time_period
        from figure
        where in_table and is_province
    ) as f
    cross join {{ ref('dim_ref_area') }} as a
    where a.kind = 'province' and a.parent = 'CHN'

    union all

    select
        measure,
        ref_area,
        time_period,
        false as table_of_year
    from figure

    union all

    select
        measure,
        ref_area,
        target_period as time_period,
        false as table_of_year
    from target
),

cell as (
    select
        k.measure,
        k.ref_area,
        k.time_period,
        k.table_of_year,
        a.name_en as ref_area_name,
        case
            when a.kind = 'province' and a.parent = 'CHN' then 'province'
            when a.kind in ('province', 'sar') then 'outside_plan_scope'
            else 'nation'
        end as area_kind,
        a.geo_scope,
        m.adds_up,
        f.* exclude (measure, ref_area, is_province, time_period),
        -- Only these are ranked and shared out.
        case when f.in_table and a.kind = 'province' and a.parent = 'CHN' then f.obs_value end
            as compared
    from (
        select
            measure,
            ref_area,
            time_period,
            bool_or(table_of_year) as table_of_year
        from asked
        group by all
    ) as k
    inner join {{ ref('dim_ref_area') }} as a on k.ref_area = a.ref_area
    left join measure as m on k.measure = m.measure
    left join figure as f
        on k.measure = f.measure and k.ref_area = f.ref_area and k.time_period = f.time_period
),

measured as (
    select
        c.*,
        p.obs_value as residents,
        p.vintage as residents_vintage,
        p.release_id as residents_release_id,
        case
            when c.adds_up and c.unit_measure = 'NUMBER'
                then c.obs_value * 1e4 / nullif(p.obs_value, 0)
        end as per_10k_residents,
        case
            when c.adds_up and (c.in_table = b.in_table or c.area_kind = 'nation')
                then c.obs_value / nullif(b.obs_value, 0) - 1
        end as growth
    from cell as c
    left join figure as p
        on
            p.measure = 'resident_population'
            and c.ref_area = p.ref_area
            and c.time_period = p.time_period
    left join figure as b
        on
            c.measure = b.measure
            and c.ref_area = b.ref_area
            and {{ year_of('c.time_period') }} - 1 = {{ year_of('b.time_period') }}
),

ranked as (
    select
        *,
        case when compared is not null then per_10k_residents end as compared_per_10k
    from measured
)

select
    r.measure,
    coalesce(m.name_en, i.name_en) as measure_name,
    coalesce(m.topic, 'plan_target') as topic,
    r.ref_area,
    r.ref_area_name,
    r.area_kind,
    r.geo_scope,
    r.time_period,
    r.obs_value,
    coalesce(r.unit_measure, t.unit_measure) as unit_measure,
    r.per_10k_residents,
    r.residents,
    r.residents_vintage,
    r.residents_release_id,
    r.growth,
    case
        when r.adds_up
            -- In order: equal builds are equal to the last digit.
            then r.compared / nullif(sum(r.compared order by r.compared) over peers, 0)
    end
        as national_share,
    case
        when r.compared is not null
            then rank() over (peers order by r.compared desc nulls last)
    end as national_rank,
    case when r.compared is not null then count(*) over ties - 1 end as ties,
    case
        when r.compared_per_10k is not null
            then rank() over (peers order by r.compared_per_10k desc nulls last)
    end as per_10k_rank,
    count(r.compared) over peers as provinces_compared,
    count(r.compared_per_10k) over peers as provinces_compared_per_10k,
    coalesce(r.in_table, false) as in_table,
    case
        when r.obs_value is not null then null
        when r.obs_status = 'M' then 'blank in the table'
        when r.release_id is not null then 'the publication gives no value'
        when r.table_of_year
            then 'no row of the table that could be taken; what is kept out is in quarantine'
        else 'no official annual figure found'
    end as no_value_because,
    t.plan_id as target_plan_id,
    t.target_value,
    t.target_as_published,
    t.operator as target_operator,
    t.status as target_status,
    t.latest_period as target_latest_period,
    t.latest_value as target_latest_value,
    t.not_evaluated_because as target_not_evaluated_because,
    t.note as target_note,
    t.release_id as target_release_id,
    r.indicator_id,
    r.value_as_published,
    r.unit_as_published,
    r.obs_status,
    r.vintage,
    r.source_id,
    r.release_id,
    r.trust,
    r.correction_reason,
    r.place,
    r.note,
    r.raw_sha256,
    r.raw_row
from ranked as r
left join measure as m on r.measure = m.measure
left join {{ ref('dim_indicator') }} as i on r.measure = i.indicator_id
left join target as t
    on r.measure = t.measure and r.ref_area = t.ref_area and r.time_period = t.target_period
window
    peers as (partition by r.measure, r.time_period),
    ties as (partition by r.measure, r.time_period, r.compared)
