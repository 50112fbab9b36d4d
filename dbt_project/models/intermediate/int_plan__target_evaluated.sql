-- One row per target: where it stands on the evaluation date, on official annual values alone.
with term as (
    -- The annual values of each target's term, the baseline's year included.
    select
        t.plan_id,
        t.release_id as target_release_id,
        t.indicator_id,
        t.ref_area,
        t.target_period,
        v.time_period,
        v.time_year,
        v.obs_value,
        v.vintage,
        v.release_id,
        v.raw_sha256,
        v.raw_row,
        v.time_year > t.term_start
        and {{ meets('v.obs_value', 't.operator', 't.target_value') }} as is_met
    from {{ ref('int_plan__target') }} as t
    inner join {{ ref('int_plan__annual_value') }} as v
        on
            t.indicator_id = v.indicator_id
            and t.ref_area = v.ref_area
            and v.time_year between t.term_start and t.target_year
),

summary as (
    select
        plan_id,
        target_release_id,
        indicator_id,
        ref_area,
        target_period,
        max_by(time_period, time_year) as latest_period,
        max(time_year) as latest_year,
        max_by(obs_value, time_year) as latest_value,
        max_by(vintage, time_year) as latest_vintage,
        max_by(release_id, time_year) as latest_release_id,
        max_by(raw_sha256, time_year) as raw_sha256,
        max_by(raw_row, time_year) as raw_row,
        min(time_period) filter (where is_met) as first_met_period,
        bool_or(time_period = target_period) as final_value_published,
        bool_or(is_met) filter (where time_period = target_period) as final_value_meets
    from term
    group by all
),

judged as (
    select
        t.*,
        s.latest_period,
        s.latest_year,
        s.latest_value,
        s.latest_vintage,
        s.latest_release_id,
        s.raw_sha256 as latest_raw_sha256,
        s.raw_row as latest_raw_row,
        s.first_met_period,
        s.final_value_meets,
        coalesce(s.final_value_published, false) as final_value_published,
        make_date(t.target_year, 12, 31) < {{ evaluation_date() }} as has_ended,
        t.baseline_value
        + (t.target_value - t.baseline_value)
        * (s.latest_year - t.baseline_year)
        / nullif(t.target_year - t.baseline_year, 0) as required_path_value
    from {{ ref('int_plan__target') }} as t
    left join summary as s
        on
            t.plan_id is not distinct from s.plan_id
            and t.release_id = s.target_release_id
            and t.indicator_id = s.indicator_id
            and t.ref_area = s.ref_area
            and t.target_period = s.target_period
)

select
    * exclude (latest_year),
    (latest_value - baseline_value) / nullif(target_value - baseline_value, 0) as progress_ratio,
    target_value - latest_value as gap_to_target,
    case
        when target_value is null or target_year is null then null
        when has_ended and final_value_published
            then case when final_value_meets then 'met' else 'not_met' end
        when latest_value is null then 'no_data'
        -- The baseline itself is no news of the plan.
        when not has_ended and required_path_value is not null and latest_year > baseline_year
            then case
                when {{ meets('latest_value', 'operator', 'target_value') }} then 'on_track'
                when target_value >= baseline_value and latest_value >= required_path_value
                    then 'on_track'
                when target_value < baseline_value and latest_value <= required_path_value
                    then 'on_track'
                else 'behind'
            end
        when first_met_period is not null then 'reached_unconfirmed'
        else 'not_yet_reported'
    end as status
from judged
