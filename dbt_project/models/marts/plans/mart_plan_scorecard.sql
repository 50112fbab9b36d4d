-- One row per plan and numeric target: where it started, should be and stands; who says so.
select
    t.plan_id,
    t.indicator_no,
    t.indicator_id,
    t.ref_area,
    i.name_en,
    i.name_zh,
    t.unit_measure as unit,
    t.direction,
    t.kind,
    t.baseline_period,
    t.baseline_value,
    t.target_period,
    t.target_value,
    t.operator,
    t.latest_period,
    t.latest_value,
    t.latest_vintage,
    t.progress_ratio,
    t.required_path_value,
    t.gap_to_target,
    t.first_met_period,
    t.final_value_published,
    t.status,
    t.latest_release_id as release_id,
    r.publisher,
    r.title as release_title,
    r.address as release_address,
    r.trust as release_trust,
    t.latest_raw_sha256 as raw_sha256,
    t.latest_raw_row as raw_row,
    t.release_id as target_release_id,
    {{ evaluation_date() }} as evaluation_date,
    concat_ws(
        '; ',
        case
            when t.baseline_value is null then 'no baseline published, so no progress'
        end,
        case
            when t.latest_value is not null and not t.final_value_published
                then 'no official value for ' || t.target_period || ' published yet'
        end,
        t.correction_reason,
        t.note,
        i.usage_warning
    ) as note
from {{ ref('fct_plan_target') }} as t
left join {{ ref('dim_indicator') }} as i on t.indicator_id = i.indicator_id
left join {{ ref('dim_release') }} as r on t.latest_release_id = r.release_id
where t.plan_id is not null and t.target_value is not null
