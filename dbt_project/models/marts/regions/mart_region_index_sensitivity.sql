-- One row per weights of a group, variation of them, province and year: the score and the rank.
--
-- Variations: none; an indicator left out; an indicator's weight a fifth more or less. Weights are
-- brought back to a sum of one. A province that lacks an indicator of the year has no score at all.
with part as (
    select
        w.region_group as weights_of,
        p.time_period,
        p.ref_area,
        p.indicator,
        p.position,
        w.weight
    from {{ ref('int_region__index_part') }} as p
    inner join {{ ref('region_index_weights') }} as w on p.indicator = w.indicator
    where p.takes_part
),

variation as (
    select
        'none' as variation,
        cast(null as varchar) as varied_indicator,
        1.0 as factor

    union all

    select
        kind.variation,
        i.indicator as varied_indicator,
        kind.factor
    from (select distinct indicator from {{ ref('region_index_weights') }}) as i
    cross join (values ('left_out', 0.0), ('less', 0.8), ('more', 1.2)) as kind (variation, factor)
),

weighed as (
    select
        p.* exclude (weight),
        v.variation,
        v.varied_indicator,
        case when p.indicator = v.varied_indicator then v.factor else 1.0 end * p.weight as weight
    from part as p
    cross join variation as v
    -- To vary an indicator that takes no part changes nothing.
    where
        v.varied_indicator is null
        or exists (
            select 1
            from part as q
            where q.indicator = v.varied_indicator and q.time_period = p.time_period
        )
),

scored as (
    select
        weights_of,
        time_period,
        variation,
        varied_indicator,
        ref_area,
        case
            when count(*) = count(position)
                then
                    100 * sum(weight * position order by weight * position)
                    / nullif(sum(weight order by weight), 0)
        end as score
    from weighed
    group by all
)

select
    weights_of,
    time_period,
    variation,
    varied_indicator,
    ref_area,
    score,
    case
        when score is not null then rank() over (peers order by round(score, 9) desc nulls last)
    end as score_rank
from scored
window peers as (partition by weights_of, time_period, variation, varied_indicator)
