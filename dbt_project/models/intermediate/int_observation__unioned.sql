-- Every figure of every source in one shape: all publications stay, also those that agree or
-- contradict. A new source adds its line here.
with unioned as (
    select * exclude (indicator_name, ref_area_name)
    from {{ ref('stg_world_bank__observation') }}
    -- A cell that no release ever filled says nothing; one that a release emptied does.
    qualify max(obs_value is not null) over (partition by indicator_id, ref_area, time_period)

    union all by name

    select * from {{ ref('stg_official_releases__observation') }}

    -- A blank cell of these says nothing.
    {% for source_id in ['wipo_ipstats', 'safe_bop', 'oecd', 'eurostat', 'nbs_easyquery'] %}
        union all by name

        select * exclude (indicator_name, ref_area_name)
        from {{ ref('stg_' ~ source_id ~ '__observation') }}
        where obs_value is not null
    {% endfor %}
    {% for source_id in ['cn_yearbook', 'nbs_province', 'nbs_rd_bulletin'] %}
        union all by name

        select * exclude (indicator_name, definition, ref_area_name, release_title)
        from {{ ref('stg_' ~ source_id ~ '__observation') }}
    {% endfor %}
),

terms as (
    select
        source_id,
        bool_and(may_publish) as may_publish
    from {{ ref('stg_operations__dataset') }}
    group by source_id
)

select
    unioned.*,
    -- A source that nobody described has given no leave.
    coalesce(terms.may_publish, false) as may_publish,
    case trust
        when 'primary' then 1
        when 'quoted' then 2
        when 'mirror' then 3
        when 'machine_translation' then 4
        when 'review' then 5
    end as trust_rank
from unioned
left join terms on unioned.source_id = terms.source_id
