-- One row per category of the patent-intensive industries, area, year and release: every vintage
-- stays, and a known gap is a row without a value. The whole is the category `total`.
-- Computed beside what is printed: shares, the change on the year before, and whether the seven
-- categories add up to the total. A part printed elsewhere is taken from the release nearest in
-- time.
with figure as (
    select
        case
            when starts_with(indicator_id, 'patent_intensive_va__')
                then split_part(indicator_id, '__', 2)
            else 'total'
        end as category,
        case
            when ends_with(indicator_id, '__share_of_total') then 'share_of_total'
            when indicator_id = 'patent_intensive_va_share_gdp' then 'share_gdp'
            when indicator_id = 'patent_intensive_va_share_gdp__change' then 'share_gdp_change'
            when
                indicator_id = 'patent_intensive_va_growth' or ends_with(indicator_id, '__growth')
                then 'growth'
            else 'value_added'
        end as measure,
        *
    from {{ ref('int_observation__unioned') }}
    where
        starts_with(indicator_id, 'patent_intensive_va')
        and freq = 'A'
        and not is_proxy
    -- A release that prints a figure and lets another be derived counts with the printed one.
    qualify row_number() over (
        partition by indicator_id, ref_area, time_period, release_id order by is_derived
    ) = 1
),

published as (
    select
        category,
        ref_area,
        time_period,
        release_id,
        any_value(vintage) as vintage,
        max(obs_value) filter (where measure = 'value_added') as value_added,
        max(obs_value) filter (where measure = 'share_of_total') as share_of_total,
        max(obs_value) filter (where measure = 'share_gdp') as share_gdp,
        max(obs_value) filter (where measure = 'share_gdp_change') as share_gdp_change,
        max(obs_value) filter (where measure = 'growth') as growth,
        max(value_low) filter (where measure = 'value_added') as value_low,
        max(value_high) filter (where measure = 'value_added') as value_high,
        max(value_as_published) filter (where measure = 'value_added') as value_as_published,
        max(unit_as_published) filter (where measure = 'value_added') as unit_as_published,
        coalesce(bool_or(is_derived) filter (where measure = 'share_gdp'), false)
            as share_gdp_is_derived,
        max(correction_reason) filter (where measure = 'value_added') as correction_reason,
        max(qualifier) filter (where measure in ('value_added', 'share_gdp')) as qualifier,
        max(note) filter (where measure in ('value_added', 'share_gdp')) as note,
        max(raw_sha256) as raw_sha256,
        min(raw_row) as raw_row
    from figure
    group by all
),

-- Of each category, the publication that stands beside a row of the same area and year: that of
-- the same release, else the nearest in time.
beside as (
    select
        p.category,
        p.ref_area,
        p.time_period,
        p.release_id,
        other.category as other_category,
        other.value_added,
        other.value_low,
        other.value_high
    from published as p
    inner join published as other
        on
            p.ref_area = other.ref_area
            and p.time_period = other.time_period
            and other.value_added is not null
    qualify row_number() over (
        partition by p.category, p.ref_area, p.time_period, p.release_id, other.category
        order by
            other.release_id = p.release_id desc,
            abs(other.vintage - p.vintage) asc,
            other.release_id asc
    ) = 1
),

totals as (
    select
        category,
        ref_area,
        time_period,
        release_id,
        max(value_added) filter (where other_category = 'total') as total_value_added,
        count(*) filter (where other_category != 'total') as parts_known,
        sum(value_added order by value_added) filter (where other_category != 'total') as parts_sum,
        sum(value_low order by value_low) filter (where other_category != 'total') as parts_low,
        sum(value_high order by value_high) filter (where other_category != 'total') as parts_high
    from beside
    group by all
),

-- Of the year before, what was published earlier: the newest publication decides what the value
-- is, and of those that agree with it the most precise is taken (as in preferred_observation).
earlier as (
    select
        p.category,
        p.ref_area,
        p.time_period,
        p.release_id,
        older.value_added,
        older.value_low,
        older.value_high,
        older.vintage,
        older.release_id as earlier_release_id,
        first_value(older.value_low) over newest as newest_low,
        first_value(older.value_high) over newest as newest_high
    from published as p
    inner join published as older
        on
            p.category = older.category
            and p.ref_area = older.ref_area
            and {{ year_of('p.time_period') }} = {{ year_of('older.time_period') }} + 1
            and p.vintage > older.vintage
    where older.value_added is not null
    window newest as (
        partition by p.category, p.ref_area, p.time_period, p.release_id
        order by older.vintage desc, older.value_high - older.value_low asc
    )
),

year_before as (
    select *
    from earlier
    where value_low <= newest_high and value_high >= newest_low
    qualify row_number() over (
        partition by category, ref_area, time_period, release_id
        order by value_high - value_low asc, vintage desc, earlier_release_id asc
    ) = 1
),

categories as (
    select count(distinct category) as parts
    from figure
    where category != 'total'
),

preferred as (
    select
        indicator_id,
        ref_area,
        time_period,
        release_id
    from {{ ref('fct_observation_latest') }}
    where starts_with(indicator_id, 'patent_intensive_va')
)

select
    p.category,
    i.name_zh as category_name_zh,
    p.ref_area,
    p.time_period,
    p.release_id,
    p.vintage,
    v.release_id is not null as is_preferred_value_added,
    g.release_id is not null as is_preferred_share_gdp,
    p.value_added,
    p.value_as_published,
    p.unit_as_published,
    p.share_gdp,
    p.share_gdp_is_derived,
    p.share_gdp_change,
    p.growth,
    100 * (p.value_added / b.value_added - 1) as change_on_year_before,
    case when p.value_added is not null then b.earlier_release_id end as year_before_release_id,
    p.share_of_total as share_of_total_as_published,
    case
        when p.category != 'total' then 100 * p.value_added / t.total_value_added
    end as share_of_total,
    case
        when p.category = 'total' and p.value_added is not null then coalesce(t.parts_known, 0)
    end as parts_known,
    case when p.category = 'total' and t.parts_known = c.parts then t.parts_sum end as parts_sum,
    case
        when p.category != 'total' or p.value_added is null then null
        when coalesce(t.parts_known, 0) < c.parts then 'incomplete'
        -- Printed numbers are rounded: equal means that their roundings can meet.
        when t.parts_low <= p.value_high and t.parts_high >= p.value_low then 'adds_up'
        else 'differs'
    end as parts_check,
    p.qualifier,
    p.correction_reason,
    p.note,
    p.raw_sha256,
    p.raw_row
from published as p
cross join categories as c
left join totals as t
    on
        p.category = t.category
        and p.ref_area = t.ref_area
        and p.time_period = t.time_period
        and p.release_id = t.release_id
left join year_before as b
    on
        p.category = b.category
        and p.ref_area = b.ref_area
        and p.time_period = b.time_period
        and p.release_id = b.release_id
left join {{ ref('dim_indicator') }} as i
    on
        i.indicator_id
        = case
            when p.category = 'total' then 'patent_intensive_va'
            else 'patent_intensive_va__' || p.category
        end
left join preferred as v
    on
        i.indicator_id = v.indicator_id
        and p.ref_area = v.ref_area
        and p.time_period = v.time_period
        and p.release_id = v.release_id
        and p.value_added is not null
left join preferred as g
    on
        p.category = 'total'
        and g.indicator_id = 'patent_intensive_va_share_gdp'
        and p.ref_area = g.ref_area
        and p.time_period = g.time_period
        and p.release_id = g.release_id
        and p.share_gdp is not null
