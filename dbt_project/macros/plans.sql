{#-
    How targets of plans are judged as of a day, on what was published by then: for the marts, which
    judge as of the evaluation date, and for the function plan_scorecard_as_of. Each macro is one query
    of which the arguments are relations. Not here: which figure stands (preferred_observation).
-#}

{#- One row per plan, indicator, area and deadline: the best trusted release that states the target. -#}
{% macro plan_targets(day) %}
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
    where t.published <= {{ day }}
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
{% endmacro %}

{#- One row per indicator, area and year: the official annual value known on the evaluation date.
    Derived figures, stand-ins and what may not be shown are no official values; a hedged one ("more
    than") is a bound only. -#}
{% macro plan_annual_values(day) %}
    with official as (
        select
            *,
            {{ is_open('time_period', 'vintage', 'unit_measure') }} as was_open
        from {{ ref('int_observation__unioned') }}
        where
            freq = 'A' and obs_value is not null and not is_derived and not is_proxy
            and may_publish and qualifier is null and vintage <= {{ day }}
    ),

    settled as (
        -- What still grew gives way to what came after the year's end, however precise it is.
        select * from official
        qualify not was_open or bool_and(was_open) over (
            partition by indicator_id, ref_area, time_period
        )
    ),

    preferred as ({{ preferred_observation('settled') }})

    select
        *,
        {{ year_of('time_period') }} as time_year
    from preferred
{% endmacro %}

{#- One row per target: where it stands on the evaluation date, on official annual values alone. -#}
{% macro plan_targets_evaluated(targets, values, day) %}
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
            v.was_open,
            v.time_year > t.term_start
            and {{ meets('v.obs_value', 't.operator', 't.target_value') }} as is_met
        from {{ targets }} as t
        inner join {{ values }} as v
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
            -- A value of the last year that came before its end may still have grown.
            bool_or(time_period = target_period and not was_open) as final_value_published,
            bool_or(is_met) filter (where time_period = target_period and not was_open)
                as final_value_meets
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
            make_date(t.target_year, 12, 31) < {{ day }} as has_ended,
            t.baseline_value
            + (t.target_value - t.baseline_value)
            * (s.latest_year - t.baseline_year)
            / nullif(t.target_year - t.baseline_year, 0) as required_path_value
        from {{ targets }} as t
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
{% endmacro %}

{#- One row per target of a plan or report, with its evaluation where observations allow one. -#}
{% macro plan_target_facts(evaluated) %}
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
    from {{ evaluated }} as t
    left join {{ ref('dim_indicator') }} as i on t.indicator_id = i.indicator_id
{% endmacro %}

{#- One row per plan and numeric target: where it started, should be and stands; who says so. -#}
{% macro plan_scorecard(facts, day) %}
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
        {{ day }} as evaluation_date,
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
    from {{ facts }} as t
    left join {{ ref('dim_indicator') }} as i on t.indicator_id = i.indicator_id
    left join {{ ref('dim_release') }} as r on t.latest_release_id = r.release_id
    where t.plan_id is not null and t.target_value is not null
{% endmacro %}
