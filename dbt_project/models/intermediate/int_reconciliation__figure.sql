-- One row per figure that another one can be held against: published ones, the other publications
-- of the same figure, and what is computed from published ones. `basis` says how it is come by.
-- Series that one source issues anew as a whole are its revisions, not other publications.
{%- set tables = "('official_releases', 'cn_yearbook', 'nbs_province', 'nbs_rd_bulletin')" %}
with published as (
    select *
    from {{ ref('int_observation__unioned') }}
    where may_publish and obs_value is not null and not is_derived and not is_proxy
    -- Two files of one publication may print the same.
    qualify row_number() over (
        partition by indicator_id, ref_area, time_period, release_id, vintage, obs_value
        order by {{ precision_width() }}, trust_rank asc, retrieved_at desc
    ) = 1
),

preferred as (
    select *
    from {{ ref('fct_observation_latest') }}
    where obs_value is not null and not is_derived and not is_proxy
),

regions as (
    select
        ref_area,
        parent = 'CHN' as is_mainland
    from {{ ref('dim_ref_area') }}
    where
        (kind = 'province' and parent = 'CHN')
        or (kind in ('province', 'sar') and parent = 'CHN_HKMT')
),

sums as (
    {% for basis, area, count, members in [
        ('sum_of_31_provinces', 'CHN', 31, 'regions.is_mainland'),
        ('sum_of_34_regions', 'CHN_HKMT', 34, 'true'),
    ] %}
        select
            '{{ basis }}' as basis,
            p.indicator_id,
            '{{ area }}' as ref_area,
            p.time_period,
            sum(p.obs_value order by p.obs_value) as obs_value,
            sum(p.value_low order by p.value_low) as value_low,
            sum(p.value_high order by p.value_high) as value_high,
            any_value(p.unit_measure) as unit_measure,
            p.vintage,
            p.source_id,
            p.release_id,
            p.trust,
            p.trust_rank,
            max(p.retrieved_at) as retrieved_at,
            false as is_derived,
            false as is_proxy
        from published as p
        inner join regions on p.ref_area = regions.ref_area
        where {{ members }} and p.unit_measure in ('NUMBER', 'PERSONS', 'CNY', 'FTE')
        group by all
        -- All of them, and each once: a publication that contradicts itself has no sum.
        having count(*) = {{ count }} and count(distinct p.ref_area) = {{ count }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

royalties as (
    {% for basis, indicator, value, unit, vintage, source in [
        ('both_flows', 'BX.GSR.ROYL.CD', 'total_usd', 'USD', 'usd_vintage', 'world_bank'),
        ('both_flows_at_average_rate', 'BX.GSR.ROYL.CD', 'total_cny', 'CNY', 'usd_vintage', 'world_bank'),
        ('both_flows_of_twelve_months', 'SAFE.ROYALTIES.CREDIT.CNY', 'safe_total_cny', 'CNY',
            'safe_vintage', 'safe_bop'),
    ] %}
        select
            '{{ basis }}' as basis,
            '{{ indicator }}' as indicator_id,
            ref_area,
            time_period,
            {{ value }} as obs_value,
            '{{ unit }}' as unit_measure,
            {{ vintage }} as vintage,
            '{{ source }}' as source_id
        from {{ ref('mart_ip_royalty_trade') }}
        where {{ value }} is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Germany's currency is the euro, so its rate is the euro's.
euro as (
    select
        time_period,
        exchange_rate_lcu_per_usd as euro_per_usd
    from {{ ref('mart_country_ip_activity') }}
    where ref_area = 'DEU' and time_period >= '1999'
),

royalties_in_euro as (
    {% for indicator, value in [
        ('BX.GSR.ROYL.CD', 'receipts_usd'),
        ('BM.GSR.ROYL.CD', 'payments_usd'),
    ] %}
        select
            'flow_at_average_rate_in_euro' as basis,
            '{{ indicator }}' as indicator_id,
            r.ref_area,
            r.time_period,
            r.{{ value }} * euro.euro_per_usd as obs_value,
            'EUR' as unit_measure,
            r.usd_vintage as vintage,
            'world_bank' as source_id
        from {{ ref('mart_ip_royalty_trade') }} as r
        inner join euro on r.time_period = euro.time_period
        where r.{{ value }} * euro.euro_per_usd is not null
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

{%- set columns = 'indicator_id, ref_area, time_period, obs_value, value_low, value_high, '
    ~ 'unit_measure, vintage, source_id, release_id' %}

select
    'published' as basis,
    {{ columns }}
from preferred

union all by name

select
    'other_publication' as basis,
    {{ columns }}
from published
where
    source_id in {{ tables }}
    and (indicator_id, ref_area, time_period, release_id)
    not in (select (indicator_id, ref_area, time_period, release_id) from preferred)

union all by name

select
    basis,
    {{ columns }}
from ({{ preferred_observation('sums') }})

union all by name

select
    *,
    obs_value as value_low,
    obs_value as value_high,
    cast(null as varchar) as release_id
from (
    select * from royalties
    union all
    select * from royalties_in_euro
) as flow
