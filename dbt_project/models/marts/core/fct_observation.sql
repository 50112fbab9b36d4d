-- One row per indicator, area, period and vintage. Where several publications of one day give the
-- figure, the published, most precise, best trusted one stands here; the others stay in
-- intermediate.int_observation__unioned. Values whose source forbids passing them on are left out.
select
    indicator_id,
    ref_area,
    freq,
    time_period,
    obs_value,
    unit_measure,
    -- Values are plain: nothing is left to multiply by.
    0 as unit_mult,
    obs_status,
    value_as_published,
    unit_as_published,
    vintage,
    vintage_precision,
    source_id,
    release_id,
    trust,
    raw_sha256,
    raw_row,
    raw_file,
    is_derived,
    is_proxy,
    qualifier,
    value_low,
    value_high,
    correction_reason,
    place,
    note,
    retrieved_at,
    trust_rank
from {{ ref('int_observation__unioned') }}
where may_publish
qualify row_number() over (
    partition by indicator_id, ref_area, time_period, vintage
    order by
        {{ observation_class() }},
        obs_value is null,
        {{ precision_width() }},
        trust_rank asc,
        retrieved_at desc,
        release_id asc
) = 1
