-- One row per figure and two vintages of one source that follow on each other and differ: revised,
-- filled in or taken back, by how much, and which verdicts on targets turn with it. Vintages that
-- agree within their rounding are no revision; derived figures, stand-ins and known gaps none. A
-- value of a period that was not over when it was published grew, which turns no verdict.
with vintage as (
    select
        indicator_id,
        ref_area,
        freq,
        time_period,
        source_id,
        unit_measure,
        obs_value,
        coalesce(value_low, '-infinity'::double) as value_low,
        coalesce(value_high, 'infinity'::double) as value_high,
        vintage,
        release_id,
        raw_sha256,
        raw_row,
        lag(vintage) over figure as vintage_before,
        lag(release_id) over figure as release_id_before,
        lag(obs_value) over figure as value_before,
        lag(coalesce(value_low, '-infinity'::double)) over figure as low_before,
        lag(coalesce(value_high, 'infinity'::double)) over figure as high_before
    from {{ ref('fct_observation') }}
    where not is_derived and not is_proxy and trust != 'review'
    window figure as (
        partition by indicator_id, ref_area, freq, time_period, source_id order by vintage
    )
),

changed as (
    select
        *,
        {{ is_open('time_period', 'vintage_before', 'unit_measure') }} as was_open,
        case
            when value_before is null then 'filled_in'
            when obs_value is null then 'taken_back'
            else 'revised'
        end as kind
    from vintage
    where
        vintage_before is not null
        and case
            when value_before is null or obs_value is null
                then (value_before is null) != (obs_value is null)
            else value_low > high_before or value_high < low_before
        end
),

verdict as (
    -- Of each target, the values of its term: does the old one meet it, does the new one?
    select
        c.indicator_id,
        c.ref_area,
        c.time_period,
        c.source_id,
        c.vintage,
        string_agg(distinct concat_ws(' ', t.plan_id, t.target_period), ';') as verdicts_changed
    from changed as c
    inner join {{ ref('int_plan__target') }} as t
        on
            c.indicator_id = t.indicator_id
            and c.ref_area = t.ref_area
            and c.freq = 'A'
            and {{ year_of('c.time_period') }} between t.term_start + 1 and t.target_year
    where
        not c.was_open
        and {{ meets('c.value_before', 't.operator', 't.target_value') }}
        is distinct from {{ meets('c.obs_value', 't.operator', 't.target_value') }}
        and t.target_value is not null
    group by all
)

select
    c.indicator_id,
    c.ref_area,
    c.freq,
    c.time_period,
    c.source_id,
    c.unit_measure,
    c.vintage_before,
    c.vintage,
    c.kind,
    c.was_open,
    c.value_before,
    c.obs_value,
    c.obs_value - c.value_before as difference,
    c.obs_value / nullif(c.value_before, 0) - 1 as difference_ratio,
    v.verdicts_changed is not null as changes_verdict,
    v.verdicts_changed,
    c.release_id_before,
    c.release_id,
    c.raw_sha256,
    c.raw_row
from changed as c
left join verdict as v
    on
        c.indicator_id = v.indicator_id
        and c.ref_area = v.ref_area
        and c.time_period = v.time_period
        and c.source_id = v.source_id
        and c.vintage = v.vintage
