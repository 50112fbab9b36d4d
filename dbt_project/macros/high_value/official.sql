{#-
    What was published of the first indicator, beside what a register gives. Not here: how patents are
    counted (counts.sql).
-#}

{#- Published indicator to what it measures; the order of a patent's conditions and their union. -#}
{% macro official_measures() %}{{ return({
    'valid_invention_patents_mainland': 'valid_inventions',
    'high_value_invention_patents': 'high_value',
    'high_value_invention_patents_per_10k': 'high_value_per_10k',
    'hv_cond1_strategic_emerging': 'sei',
    'hv_cond2_overseas_family': 'family',
    'hv_cond3_maintained_over_10y': 'maintenance',
    'hv_cond4_higher_pledge': 'pledge',
    'hv_cond5_awards': 'award',
}) }}{% endmacro %}

{#- National figures by measure and period, each with its last day. -#}
{% macro official_figures() %}
    select
        case indicator_id
            {%- for indicator, measure in official_measures().items() %}
            when '{{ indicator }}' then '{{ measure }}'
            {%- endfor %}
        end as measure,
        time_period,
        case freq
            when 'A' then make_date(cast(time_period as integer), 12, 31)
            else last_day(cast(time_period || '-01' as date))
        end as day,
        obs_value,
        value_low,
        value_high,
        is_derived,
        vintage,
        release_id,
        trust
    from {{ ref('fct_observation_latest') }}
    where
        ref_area = 'CHN'
        and freq in ('A', 'M')
        and not is_proxy
        and indicator_id in (
            {%- for indicator in official_measures() %}
            '{{ indicator }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
{% endmacro %}

{#-
    Counts of a register on the days of the published figures: office CN, area CHN, by measure and rule
    version; lower and upper bound. A condition that is uncertain has its gross count as lower bound.
-#}
{% macro register_on_official_days(register) %}
    with official as ({{ official_figures() }}),

    chosen as (
        select
            standard.*,
            days.day
        from {{ ref('int_rule__default') }} as standard
        cross join (select distinct day from official) as days
    ),

    cell as ({{ cells_on(register, 'chosen') }}),

    here as (
        select
            cell.*,
            rule.rule_version,
            rule.mask as rule_mask
        from cell
        cross join {{ ref('dim_rule_version') }} as rule
        where cell.office = 'CN' and cell.ref_area = 'CHN'
    )

    {% for measure, met in [
        ('valid_inventions', 'true'), ('high_value', 'mask & rule_mask <> 0'),
        ('sei', 'mask & 1 <> 0'), ('family', 'mask & 2 <> 0'), ('maintenance', 'mask & 4 <> 0'),
        ('pledge', 'mask & 8 <> 0'), ('award', 'mask & 16 <> 0')
    ] %}
    select
        rule_version,
        day,
        '{{ measure }}' as measure,
        coalesce(sum(patents) filter (where stream = 'certain' and {{ met }}), 0) as lower,
        coalesce(sum(patents) filter (where stream = 'possible' and {{ met }}), 0) as upper
    from here
    group by rule_version, day
    {{ 'union all' if not loop.last }}
    {% endfor %}
{% endmacro %}
