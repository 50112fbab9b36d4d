-- One row per weights of a group, province and year: score and rank, and between which ranks the
-- province moves when one weight moves or one indicator is left out.
with ranked as (
    select * from {{ ref('mart_region_index_sensitivity') }}
),

published as (
    select
        w.region_group as weights_of,
        p.ref_area,
        p.time_period,
        count(*) filter (where p.takes_part) as indicators_used,
        count(*) as indicators,
        round(sum(w.weight order by w.weight) filter (where p.takes_part), 9) as weight_published,
        string_agg(p.indicator, ';' order by p.indicator) filter (where not p.takes_part)
            as indicators_not_published,
        string_agg(p.indicator, ';' order by p.indicator) filter (
            where p.takes_part and p.indicator_value is null
        ) as indicators_lacking
    from {{ ref('int_region__index_part') }} as p
    inner join {{ ref('region_index_weights') }} as w on p.indicator = w.indicator
    group by all
),

moved as (
    select
        weights_of,
        ref_area,
        time_period,
        min(score_rank) as best_rank,
        max(score_rank) as worst_rank,
        min(score_rank) filter (where variation = 'left_out') as best_rank_left_out,
        max(score_rank) filter (where variation = 'left_out') as worst_rank_left_out,
        min(score_rank) filter (where variation in ('less', 'more')) as best_rank_20_percent,
        max(score_rank) filter (where variation in ('less', 'more')) as worst_rank_20_percent
    from ranked
    group by all
)

select
    p.weights_of,
    p.ref_area,
    a.name_en as ref_area_name,
    g.region_group,
    g.is_assumption as group_is_assumption,
    p.weights_of = g.region_group as is_own_group,
    p.time_period,
    r.score,
    r.score_rank,
    case
        when r.score is not null and p.weights_of = g.region_group
            then
                rank() over (
                    partition by p.weights_of, p.time_period, g.region_group
                    order by round(r.score, 9) desc nulls last
                )
    end as group_rank,
    count(r.score) over peers as provinces_ranked,
    m.best_rank,
    m.worst_rank,
    m.best_rank_left_out,
    m.worst_rank_left_out,
    m.best_rank_20_percent,
    m.worst_rank_20_percent,
    p.indicators_used,
    p.indicators,
    coalesce(p.weight_published, 0) as weight_published,
    p.indicators_not_published,
    p.indicators_lacking
from published as p
inner join {{ ref('region_groups') }} as g on p.ref_area = g.ref_area
inner join {{ ref('dim_ref_area') }} as a on p.ref_area = a.ref_area
left join ranked as r
    on
        r.variation = 'none'
        and p.weights_of = r.weights_of
        and p.ref_area = r.ref_area
        and p.time_period = r.time_period
left join moved as m
    on
        p.weights_of = m.weights_of
        and p.ref_area = m.ref_area
        and p.time_period = m.time_period
window peers as (partition by p.weights_of, p.time_period)
