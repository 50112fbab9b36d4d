-- One row per plan.
select
    plan_id,
    title_en,
    title_zh,
    level,
    ref_area,
    period_start,
    period_end,
    issuer,
    published,
    published_precision,
    address,
    note
from {{ ref('stg_official_releases__plan') }}
