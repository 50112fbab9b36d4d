-- One row per rule version, measure and period: what was published, what the register gives where
-- it is national, and whether the published figures fit each other.
{#- Share of the published valid stock from which a register counts as national. Exports of a
    register miss some months of grants and lapses; the published stock grew by 12 % in 2025, so that
    a twentieth is five months of it (2026-11). -#}
{%- set national = 0.95 %}
{#- Parts that are not published can only add to those that are. -#}
{%- set tests_union = '(part.parts_published = 5 or shown.obs_value <= part.parts)' %}
with official as ({{ official_figures() }}),

counted as ({{ register_on_official_days('patent_register') }}),

rated as (
    -- Per 10,000 of the register, by the population that the mart of stocks divides by.
    select * from counted

    union all

    select
        counted.rule_version,
        counted.day,
        'high_value_per_10k' as measure,
        10000 * counted.lower / population.population as lower,
        10000 * counted.upper / population.population as upper
    from counted
    inner join {{ ref('int_population__year_end') }} as population
        on
            population.ref_area = 'CHN'
            and cast(year(counted.day) as varchar) = population.time_period
    where counted.measure = 'high_value'
),

coverage as (
    select
        official.day,
        coalesce(any_value(counted.lower), 0) / any_value(official.obs_value) as register_coverage
    from official
    left join counted on official.day = counted.day and official.measure = counted.measure
    where official.measure = 'valid_inventions' and official.obs_value is not null
    group by official.day
),

counted_overlap as (
    -- What the register counts more than once, by the conditions of the version.
    select
        counted.rule_version,
        counted.day,
        'overlap_at_least' as measure,
        sum(counted.lower) filter (where counted.measure <> 'high_value')
        - max(counted.lower) filter (where counted.measure = 'high_value') as lower,
        cast(null as double) as upper
    from counted
    inner join {{ ref('dim_rule_version') }} as rule on counted.rule_version = rule.rule_version
    where
        counted.measure = 'high_value'
        or list_contains(string_split(rule.conditions, ';'), counted.measure)
    group by counted.rule_version, counted.day
),

part as (
    select
        day,
        max(obs_value) filter (where measure = 'high_value') as high_value,
        max(obs_value) filter (where measure = 'valid_inventions') as valid_inventions,
        sum(obs_value) filter (where measure in ('sei', 'family', 'maintenance', 'pledge', 'award'))
            as parts,
        max(obs_value) filter (where measure in ('sei', 'family', 'maintenance', 'pledge', 'award'))
            as largest_part,
        count(obs_value) filter (
            where measure in ('sei', 'family', 'maintenance', 'pledge', 'award')
        ) as parts_published
    from official
    group by day
),

overlap as (
    -- Parts that sum to more than their union count patents twice, at least so many.
    select
        'overlap_at_least' as measure,
        official.time_period,
        official.day,
        part.parts - part.high_value as obs_value,
        cast(null as double) as value_low,
        cast(null as double) as value_high,
        true as is_derived,
        official.vintage,
        official.release_id,
        official.trust
    from part
    inner join official on part.day = official.day and official.measure = 'high_value'
    where part.parts > part.high_value
),

beside as (
    select * from rated
    union all
    select * from counted_overlap
),

shown as (
    select * from official
    union all by name
    select * from overlap
)

select
    rule.rule_version,
    shown.measure,
    shown.time_period,
    shown.day,
    shown.obs_value as official_value,
    shown.value_low as official_low,
    shown.value_high as official_high,
    shown.is_derived as official_is_derived,
    shown.vintage as official_vintage,
    shown.release_id as official_release_id,
    shown.trust as official_trust,
    cast(case when coverage.register_coverage >= {{ national }} then beside.lower end as double)
        as register_lower,
    cast(case when coverage.register_coverage >= {{ national }} then beside.upper end as double)
        as register_upper,
    coverage.register_coverage,
    case
        when
            shown.measure in ('sei', 'family', 'maintenance', 'pledge', 'award')
            and not list_contains(string_split(rule.conditions, ';'), shown.measure)
            then 'not a condition of this version'
        when coverage.register_coverage is null then 'no valid stock was published for that day'
        when coverage.register_coverage < {{ national }}
            then
                'the register holds less than {{ (100 * national) | int }} % of the valid stock: '
                || 'it is not national'
    end as no_register_because,
    case
        when shown.measure in ('sei', 'family', 'maintenance', 'pledge', 'award')
            then 'a part is at most the union'
        when shown.measure = 'high_value' and {{ tests_union }}
            then 'at most the valid stock, at most the sum of the parts'
        when shown.measure = 'high_value' then 'at most the valid stock'
        when shown.measure = 'overlap_at_least'
            then 'at most what the parts hold beside the largest'
    end as check_rule,
    case
        when shown.measure in ('sei', 'family', 'maintenance', 'pledge', 'award')
            then shown.value_low <= union_figure.value_high
        when shown.measure = 'high_value' and {{ tests_union }}
            then shown.obs_value <= part.parts and shown.obs_value <= part.valid_inventions
        when shown.measure = 'high_value' then shown.obs_value <= part.valid_inventions
        when shown.measure = 'overlap_at_least'
            then shown.obs_value <= part.parts - part.largest_part
    end as check_holds
from shown
cross join {{ ref('dim_rule_version') }} as rule
left join beside
    on
        rule.rule_version = beside.rule_version
        and shown.measure = beside.measure
        and shown.day = beside.day
left join coverage on shown.day = coverage.day
left join part on shown.day = part.day
left join official as union_figure
    on shown.day = union_figure.day and union_figure.measure = 'high_value'
