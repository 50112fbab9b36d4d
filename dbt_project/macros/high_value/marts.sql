{#-
    The marts that count patents of the first indicator, each for one register. Not here: how patents
    are counted (counts.sql), when a condition holds (conditions.sql), single patents (patents.sql).
-#}

{#- One row per rule version, office, area and year-end. -#}
{% macro high_value_stock(register) %}
    with stock as (
        select
            rule.rule_version,
            cell.office,
            cell.ref_area,
            cell.time_period,
            {{ stock_columns('rule.mask') }}
        from {{ of_register(register, 'int_high_value__cell') }} as cell
        cross join {{ ref('dim_rule_version') }} as rule
        group by all
    )

    select
        stock.rule_version,
        stock.office,
        stock.ref_area,
        stock.time_period,
        stock.valid_inventions,
        stock.valid_inventions_upper,
        stock.high_value_lower,
        stock.high_value_upper,
        population.population,
        population.population_period,
        population.population_vintage,
        population.population_release_id,
        10000 * stock.high_value_lower / population.population as high_value_lower_per_10k,
        10000 * stock.high_value_upper / population.population as high_value_upper_per_10k,
        case when population.population is null then 'no population of the year-end before' end
            as no_per_10k_because,
        {%- for name in condition_names() %}
        stock.{{ name }}_gross,
        stock.{{ name }}_gross_upper,
        stock.{{ name }}_unique,
        {%- endfor %}
        make_date(cast(stock.time_period as integer), 12, 31) + to_months(6) > {{ evaluation_date() }}
            as is_provisional,
        office.covered_until,
        make_date(cast(stock.time_period as integer), 12, 31) <= office.covered_until as is_covered,
        {{ is_simulated(register) }} as is_simulated
    from stock
    inner join {{ of_register(register, 'int_register__office') }} as office
        on stock.office = office.office
    left join {{ ref('int_population__year_end') }} as population
        on stock.ref_area = population.ref_area and stock.time_period = population.time_period
{% endmacro %}

{#- One row per rule version, office, area, year-end and set of its conditions, zero counts too. -#}
{% macro high_value_overlap(register) %}
    with place as (
        select distinct
            office,
            ref_area,
            time_period
        from {{ of_register(register, 'int_high_value__cell') }}
    ),

    combination as (
        select
            rule_version,
            mask as rule_mask,
            unnest(range(32)) as mask
        from {{ ref('dim_rule_version') }}
    ),

    counted as (
        select
            rule.rule_version,
            cell.office,
            cell.ref_area,
            cell.time_period,
            cell.mask & rule.mask as mask,
            sum(cell.patents) as patents
        from {{ of_register(register, 'int_high_value__cell') }} as cell
        cross join {{ ref('dim_rule_version') }} as rule
        where cell.stream = 'certain'
        group by all
    )

    select
        combination.rule_version,
        place.office,
        place.ref_area,
        place.time_period,
        cast(combination.mask as integer) as combination,
        {%- for name in condition_names() %}
        combination.mask & {{ 2 ** loop.index0 }} <> 0 as is_{{ name }},
        {%- endfor %}
        cast(coalesce(counted.patents, 0) as bigint) as valid_inventions,
        {{ is_simulated(register) }} as is_simulated
    from place
    cross join combination
    left join counted
        on
            combination.rule_version = counted.rule_version
            and combination.mask = counted.mask
            and place.office = counted.office
            and place.ref_area = counted.ref_area
            and place.time_period = counted.time_period
    where combination.mask & combination.rule_mask = combination.mask
{% endmacro %}

{#- One row per office, area, year-end and strategic industry; a patent counts in each of its own. -#}
{% macro high_value_by_industry(register) %}
    with of_code as (
        select
            record.patent_key,
            industry.sei_code,
            max(case industry.state when 'true' then 2 else 1 end) as state
        from ({{ register_keyed(register, 'ipc_assignment') }}) as record
        inner join {{ of_register(register, 'int_sei__symbol_state') }} as industry
            on record.ipc_symbol = industry.ipc_symbol
        group by all
    ),

    judged as (
        -- The office's flag of a code wins over the table; one of all codes says no code.
        select
            coalesce(flag.patent_key, of_code.patent_key) as patent_key,
            coalesce(flag.sei_code, of_code.sei_code) as sei_code,
            case
                when flag.is_sei then 2
                when flag.is_sei is false then 0
                when overall.flag is false then 0
                else of_code.state
            end as state
        from of_code
        full outer join {{ of_register(register, 'int_high_value__flag_of_code') }} as flag
            on of_code.patent_key = flag.patent_key and of_code.sei_code = flag.sei_code
        left join {{ of_register(register, 'int_high_value__flag') }} as overall
            on of_code.patent_key = overall.patent_key
    ),

    leveled as (
        select
            patent_key,
            sei_code as industry_code,
            state
        from judged
        where state > 0

        union all

        select
            judged.patent_key,
            code.l1_code as industry_code,
            max(judged.state) as state
        from judged
        inner join {{ ref('sei_codes') }} as code on judged.sei_code = code.sei_code
        where judged.state > 0
        group by all
    ),

    stay as (
        select
            period.office,
            period.residence,
            leveled.industry_code,
            year(period.from_date) as from_year,
            year(period.until_date) as until_year,
            count(*) filter (where period.is_certain and leveled.state = 2) as lower,
            count(*) as upper
        from leveled
        inner join {{ of_register(register, 'int_high_value__period') }} as period
            on leveled.patent_key = period.patent_key
        where year(period.from_date) < year(period.until_date)
        group by all
    ),

    movement as (
        select
            office,
            residence,
            industry_code,
            from_year as year,
            lower,
            upper
        from stay

        union all

        select
            office,
            residence,
            industry_code,
            until_year as year,
            -lower as lower,
            -upper as upper
        from stay
    ),

    running as (
        {{ running_sums('movement', ['office', 'industry_code'], ['lower', 'upper']) }}
    ),

    name_of as (
        select
            sei_code as industry_code,
            'group' as industry_level,
            name_zh,
            name_en
        from {{ ref('sei_codes') }}

        union all

        select distinct
            l1_code as industry_code,
            'industry' as industry_level,
            l1_name_zh as name_zh,
            l1_name_en as name_en
        from {{ ref('sei_codes') }}
    )

    select
        running.office,
        running.ref_area,
        running.time_period,
        name_of.industry_level,
        running.industry_code,
        name_of.name_zh as industry_name_zh,
        name_of.name_en as industry_name_en,
        running.lower as valid_inventions_lower,
        running.upper as valid_inventions_upper,
        true as is_multi_counted,
        {{ is_simulated(register) }} as is_simulated
    from running
    inner join name_of on running.industry_code = name_of.industry_code
{% endmacro %}

{#-
    One row per rule version, parameter set, office, area and year-end: how the count moves when one
    parameter takes another value. At the year-ends before and at the end of each rule version's plan,
    where they are past, and at the last one.
-#}
{% macro high_value_sensitivity(register) %}
    with chosen as (
        select
            parameter_set.*,
            days.day
        from {{ ref('int_rule__parameter_set') }} as parameter_set
        cross join (
            select distinct make_date(unnest([
                valid_from - 1, valid_to, year({{ evaluation_date() }} + 1) - 1
            ]), 12, 31) as day
            from {{ ref('dim_rule_version') }}
        ) as days
        where days.day <= {{ evaluation_date() }}
    ),

    cell as ({{ cells_on(register, 'chosen') }}),

    counted as (
        select
            rule.rule_version,
            cell.parameter_set,
            cell.office,
            cell.ref_area,
            cell.day,
            {{ stock_columns('rule.mask') }}
        from cell
        cross join {{ ref('dim_rule_version') }} as rule
        group by all
    )

    select
        counted.rule_version,
        counted.parameter_set,
        parameter_set.parameter,
        parameter_set.value,
        counted.office,
        counted.ref_area,
        cast(year(counted.day) as varchar) as time_period,
        counted.valid_inventions,
        counted.high_value_lower,
        counted.high_value_upper,
        counted.high_value_lower - standard.high_value_lower as lower_change,
        counted.high_value_upper - standard.high_value_upper as upper_change,
        {{ is_simulated(register) }} as is_simulated
    from counted
    inner join {{ ref('int_rule__parameter_set') }} as parameter_set
        on counted.parameter_set = parameter_set.parameter_set
    inner join counted as standard
        on
            counted.rule_version = standard.rule_version
            and counted.office = standard.office
            and counted.ref_area = standard.ref_area
            and counted.day = standard.day
            and standard.parameter_set = 'default'
{% endmacro %}

{#-
    A table function: the stock on any day, by any parameters; one row per rule version, office and area.
    A parameter left out has its default. The figures per 10,000 divide by the population of the
    year-end before the day's year, as mart_high_value_stock does.
-#}
{% macro high_value_stock_at(register) %}
    with asked as (
        select
            standard.* replace (
                {%- for name in rule_parameter_names() %}
                coalesce({{ name }}, standard.{{ name }}) as {{ name }}{{ ',' if not loop.last }}
                {%- endfor %}
            ),
            cast(on_day as date) as day
        from {{ ref('int_rule__default') }} as standard
    ),

    cell as ({{ cells_on(register, 'asked') }}),

    stock as (
        select
            rule.rule_version,
            cell.office,
            cell.ref_area,
            cell.day,
            {{ stock_columns('rule.mask') }}
        from cell
        cross join {{ ref('dim_rule_version') }} as rule
        group by rule.rule_version, cell.office, cell.ref_area, cell.day
    )

    select
        stock.*,
        population.population,
        population.population_period,
        population.population_vintage,
        population.population_release_id,
        10000 * stock.high_value_lower / population.population as high_value_lower_per_10k,
        10000 * stock.high_value_upper / population.population as high_value_upper_per_10k,
        case when population.population is null then 'no population of the year-end before' end
            as no_per_10k_because,
        stock.day + to_months(6) > {{ evaluation_date() }} as is_provisional,
        office.covered_until,
        stock.day <= office.covered_until as is_covered,
        {{ is_simulated(register) }} as is_simulated
    from stock
    inner join {{ of_register(register, 'int_register__office') }} as office
        on stock.office = office.office
    left join {{ ref('int_population__year_end') }} as population
        on
            stock.ref_area = population.ref_area
            and cast(year(stock.day) as varchar) = population.time_period
{% endmacro %}

{#- The function's parameters; all but the day may be left out. -#}
{% macro stock_at_parameters() -%}
    {%- set found = ['on_day'] -%}
    {%- for name in rule_parameter_names() %}{% do found.append(name ~ ' := null') %}{% endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro rule_parameter_names() %}{{ return([
    'maintenance_from', 'maintenance_years', 'family_needs', 'family_counts_hong_kong', 'sei_symbols',
    'sei_keyword_limited', 'pledge_min_amount', 'pledge_mode', 'award_grades'
]) }}{% endmacro %}
