-- One row per fact and two figures of it: the one to use beside each other publication, and the
-- pairs of the reviewed seed. The verdict says whether they agree and, if not, whether somebody
-- knows why.
with paired as (
    select
        p.comparison,
        p.scope,
        p.because,
        p.source,
        p.since as reviewed_on,
        f.basis,
        f.indicator_id,
        f.ref_area,
        f.time_period,
        f.obs_value,
        f.value_low,
        f.value_high,
        f.unit_measure,
        f.source_id,
        f.release_id,
        f.vintage,
        c.basis as counterpart_basis,
        c.indicator_id as counterpart_indicator_id,
        c.ref_area as counterpart_ref_area,
        c.time_period as counterpart_time_period,
        c.obs_value as counterpart_value,
        c.value_low as counterpart_low,
        c.value_high as counterpart_high,
        c.unit_measure as counterpart_unit_measure,
        c.source_id as counterpart_source_id,
        c.release_id as counterpart_release_id,
        c.vintage as counterpart_vintage,
        f.obs_value - c.obs_value as difference,
        case when p.tolerance_unit = 'percent' then abs(c.obs_value) / 100 else 1 end
            as tolerance_step,
        p.least_difference * tolerance_step as least_difference,
        p.greatest_difference * tolerance_step as greatest_difference
    from {{ ref('reconciliation_pairs') }} as p
    inner join {{ ref('int_reconciliation__figure') }} as f
        on
            p.basis = f.basis
            and f.indicator_id glob p.indicator_id
            and f.ref_area = coalesce(p.ref_area, f.ref_area)
            and f.time_period = coalesce(p.time_period, f.time_period)
    inner join {{ ref('int_reconciliation__figure') }} as c
        on
            p.counterpart_basis = c.basis
            and c.indicator_id = coalesce(p.counterpart_indicator_id, f.indicator_id)
            and c.ref_area = coalesce(p.counterpart_ref_area, f.ref_area)
            and c.time_period = coalesce(p.counterpart_time_period, f.time_period)
),

explained as (
    select
        indicator_id,
        ref_area,
        time_period,
        min(explanation) as explanation
    from {{ ref('fct_finding') }}
    where rule = 'contradiction' and status = 'explained'
    group by all
)

select
    p.comparison,
    p.ref_area,
    p.time_period,
    p.basis,
    p.indicator_id,
    p.obs_value,
    p.unit_measure,
    p.source_id,
    p.release_id,
    p.vintage,
    p.counterpart_basis,
    p.counterpart_indicator_id,
    p.counterpart_ref_area,
    p.counterpart_time_period,
    p.counterpart_value,
    p.counterpart_unit_measure,
    p.counterpart_source_id,
    p.counterpart_release_id,
    p.counterpart_vintage,
    p.difference,
    p.difference / nullif(p.counterpart_value, 0) as difference_ratio,
    p.least_difference,
    p.greatest_difference,
    p.because as tolerance_because,
    p.source as tolerance_source,
    p.reviewed_on as tolerance_since,
    p.scope,
    e.explanation,
    case
        when p.least_difference is null then 'not_judged'
        -- The tenth digit: copies of tables went through floating point.
        when abs(p.difference) <= 1e-9 * abs(p.counterpart_value) then 'equal'
        when p.value_low <= p.counterpart_high and p.value_high >= p.counterpart_low
            then 'within_rounding'
        when p.difference between p.least_difference and p.greatest_difference
            then
                case
                    when p.least_difference < 0 and p.greatest_difference > 0
                        then 'within_tolerance'
                    else 'explained'
                end
        when e.explanation is not null then 'explained'
        when
            p.counterpart_basis = 'other_publication'
            and p.source_id != 'official_releases'
            and p.vintage > p.counterpart_vintage
            then 'revised'
        else 'differs'
    end as verdict
from paired as p
left join explained as e
    on
        p.counterpart_basis = 'other_publication'
        and p.indicator_id = e.indicator_id
        and p.ref_area = e.ref_area
        and p.time_period = e.time_period
