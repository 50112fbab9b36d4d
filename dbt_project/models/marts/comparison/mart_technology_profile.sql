-- One row per measure, area, origin group, field of technology and year: the field's share of the
-- area's patents, its growth, and the area's specialisation against all areas of the measure.
with known as (
    select
        c.*,
        a.name_en as ref_area_name,
        a.is_aggregate,
        cast(c.time_period as integer) as time_year
    from {{ ref('int_technology__count') }} as c
    left join {{ ref('dim_ref_area') }} as a on c.ref_area = a.ref_area
    -- Patents without a known field are in no field's share.
    where c.field_number > 0 and c.patents is not null
),

-- All areas together; groups of areas, and what no list knows, are left out.
world as (
    select
        measure_id,
        counted_by,
        origin_group,
        time_period,
        field_number,
        sum(patents order by patents) as patents,
        -- Sums stand in order, so that equal builds are equal to the last digit.
        sum(sum(patents order by patents) order by sum(patents order by patents))
            over (partition by measure_id, counted_by, origin_group, time_period)
            as patents_of_all_fields
    from known
    where is_aggregate = false
    group by measure_id, counted_by, origin_group, time_period, field_number
),

profile as (
    select
        known.*,
        known.patents
        / nullif(sum(known.patents order by known.patents) over area_year, 0) as field_share,
        count(*) over area_year as fields_published,
        lag(known.patents) over series as patents_before,
        lag(known.time_year) over series as year_before
    from known
    window
        area_year as (
            partition by
                known.measure_id, known.counted_by, known.origin_group, known.ref_area,
                known.time_period
        ),
        series as (
            partition by
                known.measure_id, known.counted_by, known.origin_group, known.ref_area,
                known.field_number
            order by known.time_year
        )
),

compared as (
    select
        p.*,
        w.patents / nullif(w.patents_of_all_fields, 0) as world_share
    from profile as p
    left join world as w
        on
            p.measure_id = w.measure_id
            and p.counted_by = w.counted_by
            and p.origin_group = w.origin_group
            and p.time_period = w.time_period
            and p.field_number = w.field_number
)

select
    c.measure_id,
    c.measure,
    c.counted_by,
    c.origin_group,
    c.ref_area,
    c.ref_area_name,
    c.is_aggregate,
    c.field_number,
    t.field,
    t.sector,
    c.time_period,
    case when c.value_may_be_shown then c.patents end as patents,
    c.field_share,
    c.fields_published,
    c.world_share,
    c.field_share / nullif(c.world_share, 0) as specialisation,
    case
        when c.field_share > 0 and c.world_share > 0 then log10(c.field_share / c.world_share)
    end as relative_specialisation_index,
    case
        when c.year_before = c.time_year - 1 and c.patents_before > 0
            then c.patents / c.patents_before - 1
    end as growth,
    c.source_id,
    c.vintage,
    case c.source_id
        when 'wipo_ipstats'
            then 'Derived from: WIPO Statistics Database, ' || strftime(c.vintage, '%B %Y')
        else 'Counted here in the records that a user dropped'
    end as citation
from compared as c
left join {{ ref('wipo_technology') }} as t on c.field_number = t.field_number
