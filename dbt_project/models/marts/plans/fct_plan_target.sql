-- One row per target of a plan or report, with its evaluation where observations allow one.
select
    t.plan_id,
    t.indicator_no,
    t.indicator_id,
    t.ref_area,
    t.target_period,
    t.target_value,
    t.operator,
    t.unit_measure,
    i.direction,
    t.kind,
    t.baseline_period,
    t.baseline_value,
    t.target_as_published,
    t.unit_as_published,
    t.qualifier,
    t.change_value,
    t.latest_period,
    t.latest_value,
    t.latest_vintage,
    t.progress_ratio,
    t.required_path_value,
    t.gap_to_target,
    t.first_met_period,
    t.final_value_published,
    t.status,
    case
        when t.target_value is null then 'the target has no number'
        when t.target_year is null then 'the target is not for one year'
        when t.latest_period is null then 'no official annual value within the term'
    end as not_evaluated_because,
    t.release_id,
    t.latest_release_id,
    t.latest_raw_sha256,
    t.latest_raw_row,
    t.correction_reason,
    t.place,
    t.note,
    t.raw_sha256,
    t.raw_row
from {{ ref('int_plan__target_evaluated') }} as t
left join {{ ref('dim_indicator') }} as i on t.indicator_id = i.indicator_id
