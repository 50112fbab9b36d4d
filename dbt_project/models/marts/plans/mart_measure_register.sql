-- One row per measure of the plan documents and indicator that it leads to, with the verdict on its
-- target where it sets one. A measure that the text leaves out is a row without words.
with printed as (
    -- How many measures a document says that it has.
    select
        release_id,
        cast(obs_value as bigint) as measures_printed
    from {{ ref('int_observation__unioned') }}
    where indicator_id = 'promotion_plan_measures' and not is_derived
),

readable as (
    select
        release_id,
        count(distinct measure_no) filter (where is_readable) as measures_readable
    from {{ ref('plan_measures') }}
    where measure_no is not null
    group by release_id
)

select
    m.measure_id,
    m.release_id,
    r.title as document,
    m.plan_id,
    m.measure_no,
    m.section,
    m.measure,
    m.bodies,
    m.field,
    m.is_readable,
    m.is_quantified,
    m.indicator_id,
    i.name_en as indicator_name,
    m.target_period,
    t.target_value,
    t.operator,
    t.unit_measure as unit,
    t.status as target_status,
    m.capability,
    p.measures_printed,
    c.measures_readable,
    nullif(
        concat_ws(
            '; ',
            case when not m.is_readable then 'left out in the text that was read' end,
            case when m.is_readable and m.bodies is null then 'the document names no body' end,
            t.not_evaluated_because
        ),
        ''
    ) as note
from {{ ref('plan_measures') }} as m
left join {{ ref('dim_release') }} as r on m.release_id = r.release_id
left join {{ ref('dim_indicator') }} as i on m.indicator_id = i.indicator_id
left join printed as p on m.release_id = p.release_id
left join readable as c on m.release_id = c.release_id
-- A plan's target may be quoted from a better release than the document.
left join {{ ref('fct_plan_target') }} as t
    on
        m.is_quantified
        and m.indicator_id = t.indicator_id
        and m.target_period = t.target_period
        and t.ref_area = 'CHN'
        and m.plan_id is not distinct from t.plan_id
        and (m.plan_id is not null or m.release_id = t.release_id)
