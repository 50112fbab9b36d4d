{#-
    The figures of some fields of work beside the targets set for them: one row per indicator, area,
    period and target.

    The figure is the one to use as of the evaluation date; a target stands in the row of its
    deadline, with or without a figure there, and carries its own evaluation.
-#}
{% macro figures_with_targets(fields) %}
    with field as (
        select *
        from {{ ref('indicator_fields') }}
        where field in ('{{ fields | join("', '") }}')
    ),

    figure as (
        {{ preferred_observation(
            ref('fct_observation'),
            "vintage <= " ~ evaluation_date()
            ~ " and indicator_id in (select f.indicator_id from field as f)"
        ) }}
    ),

    target as (
        select t.*
        from {{ ref('fct_plan_target') }} as t
        inner join field as f on t.indicator_id = f.indicator_id
    ),

    joined as (
        select
            coalesce(o.indicator_id, t.indicator_id) as indicator_id,
            coalesce(o.ref_area, t.ref_area) as ref_area,
            coalesce(o.time_period, t.target_period) as time_period,
            coalesce(o.unit_measure, t.unit_measure) as unit,
            o.obs_value,
            o.value_as_published,
            o.unit_as_published,
            o.obs_status,
            o.qualifier,
            o.is_derived,
            o.is_proxy,
            o.vintage,
            o.release_id,
            o.trust,
            t.plan_id,
            t.target_value,
            t.target_as_published,
            t.operator,
            t.latest_period,
            t.latest_value,
            t.status as target_status,
            t.not_evaluated_because,
            t.release_id as target_release_id,
            coalesce(o.place, t.place) as place,
            concat_ws('; ', o.correction_reason, t.correction_reason) as correction_reason,
            concat_ws('; ', o.note, t.note) as note,
            coalesce(o.raw_sha256, t.raw_sha256) as raw_sha256,
            coalesce(o.raw_row, t.raw_row) as raw_row
        from figure as o
        full outer join target as t
            on
                o.indicator_id = t.indicator_id
                and o.ref_area = t.ref_area
                and o.time_period = t.target_period
    )

    select
        f.field,
        f.topic,
        j.indicator_id,
        i.name_en,
        i.direction,
        j.* exclude (indicator_id, correction_reason, note),
        nullif(j.correction_reason, '') as correction_reason,
        nullif(concat_ws('; ', nullif(j.note, ''), i.usage_warning), '') as note
    from joined as j
    inner join field as f on j.indicator_id = f.indicator_id
    left join {{ ref('dim_indicator') }} as i on j.indicator_id = i.indicator_id
{% endmacro %}
