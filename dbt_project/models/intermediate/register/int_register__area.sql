-- One row per residence that an owner can have and area in whose count the owner's patents stand,
-- beside the world's: a province is in the mainland; Hong Kong, Macao and Taiwan are with it in
-- CHN_HKMT alone; an owner in China of no known province counts for the mainland.
with place as (
    select
        ref_area as residence,
        case parent when 'CHN' then [ref_area, 'CHN', 'CHN_HKMT'] else [ref_area, 'CHN_HKMT'] end
            as ref_areas
    from {{ ref('stg_official_releases__ref_area') }}
    where kind in ('province', 'sar')

    union all

    select
        alpha_2 as residence,
        case alpha_3 when 'CHN' then ['CHN', 'CHN_HKMT'] else [alpha_3] end as ref_areas
    from {{ ref('iso_3166_1') }}
)

select
    residence,
    unnest(ref_areas) as ref_area
from place
