-- Every figure of every source in one shape: all publications stay, also those that agree or
-- contradict. A new source adds its line here.
with unioned as (
    select * exclude (indicator_name, ref_area_name)
    from {{ ref('stg_world_bank__observation') }}
    -- A cell that no release ever filled says nothing; one that a release emptied does.
    qualify max(obs_value is not null) over (partition by indicator_id, ref_area, time_period)

    union all by name

    select * from {{ ref('stg_official_releases__observation') }}
)

select
    *,
    case trust
        when 'primary' then 1
        when 'quoted' then 2
        when 'mirror' then 3
        when 'machine_translation' then 4
        when 'review' then 5
    end as trust_rank
from unioned
