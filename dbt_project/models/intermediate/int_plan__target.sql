-- One row per plan, indicator, area and deadline: the best trusted release that states the target.
select
    t.*,
    {{ year_of('t.target_period') }} as target_year,
    {{ year_of('t.baseline_period') }} as baseline_year,
    p.period_start as plan_start,
    -- A target's term starts in its baseline year, else before its plan's, else its release's.
    coalesce({{ year_of('t.baseline_period') }}, p.period_start - 1, year(t.published) - 1)
        as term_start
from {{ ref('stg_official_releases__target') }} as t
left join {{ ref('stg_official_releases__plan') }} as p on t.plan_id = p.plan_id
where t.published <= {{ evaluation_date() }}
qualify row_number() over (
    partition by
        t.plan_id,
        case when t.plan_id is null then t.release_id end,
        t.indicator_id,
        t.ref_area,
        t.target_period
    order by
        t.target_value is null,
        t.baseline_value is null,
        case t.trust
            when 'primary' then 1 when 'quoted' then 2 when 'mirror' then 3 else 4
        end,
        t.published,
        t.release_id
) = 1
