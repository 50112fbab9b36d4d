-- One row per indicator, area, period and vintage. Where several publications of one day give the
-- figure, the published, most precise, best trusted one stands here; the others stay in
-- intermediate.int_observation__unioned. Values whose source forbids passing them on are left out.
select
    {{ observation_columns() }}
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
