-- One row per plan indicator, period and vintage: every official value beside the required path.
-- Derived figures and stand-ins stay out; a known gap is a row without a value.
with preferred as (
    {{ preferred_observation(
        ref('fct_observation'),
        "not is_derived and not is_proxy and vintage <= " ~ evaluation_date()
    ) }}
)

select
    t.plan_id,
    t.indicator_no,
    t.indicator_id,
    t.ref_area,
    t.target_period,
    o.freq,
    o.time_period,
    o.obs_value,
    o.unit_measure as unit,
    o.obs_status,
    o.qualifier,
    o.vintage,
    o.vintage = p.vintage and o.release_id = p.release_id as is_preferred,
    case
        when {{ year_of('o.time_period') }} between t.baseline_year and t.target_year
            then
                t.baseline_value
                + (t.target_value - t.baseline_value)
                * ({{ year_of('o.time_period') }} - t.baseline_year)
                / nullif(t.target_year - t.baseline_year, 0)
    end as required_path_value,
    t.baseline_value,
    t.target_value,
    o.release_id,
    o.raw_sha256,
    o.raw_row,
    o.note
from {{ ref('int_plan__target') }} as t
inner join {{ ref('fct_observation') }} as o
    on t.indicator_id = o.indicator_id and t.ref_area = o.ref_area
left join preferred as p
    on
        o.indicator_id = p.indicator_id
        and o.ref_area = p.ref_area
        and o.time_period = p.time_period
where
    t.plan_id is not null
    and t.target_value is not null
    and not o.is_derived
    and not o.is_proxy
    and o.vintage <= {{ evaluation_date() }}
