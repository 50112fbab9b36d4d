{#-
    The marts of the first indicator, each for one register. Not here: how patents are counted
    (counts.sql), when a condition holds (conditions.sql).
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
        stock.{{ name }}_unique,
        {%- endfor %}
        make_date(cast(stock.time_period as integer), 12, 31) + to_months(6) > {{ evaluation_date() }}
            as is_provisional,
        office.covered_until,
        make_date(cast(stock.time_period as integer), 12, 31) <= office.covered_until as is_covered,
        {{ 'true' if register == 'simulated_register' else 'false' }} as is_simulated
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
        {{ 'true' if register == 'simulated_register' else 'false' }} as is_simulated
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

    moved as (
        select
            office,
            ref_area,
            industry_code,
            year,
            sum(lower) as lower,
            sum(upper) as upper
        from ({{ in_areas('movement') }})
        group by all
    ),

    year_end as (
        select unnest(range(
            (select min(year) from moved), year({{ evaluation_date() }} + 1)
        )) as year
    ),

    series as (
        select
            seen.*,
            year_end.year
        from (select distinct office, ref_area, industry_code from moved) as seen
        cross join year_end
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
        series.office,
        series.ref_area,
        cast(series.year as varchar) as time_period,
        name_of.industry_level,
        series.industry_code,
        name_of.name_zh as industry_name_zh,
        name_of.name_en as industry_name_en,
        cast(sum(coalesce(moved.lower, 0)) over years as bigint) as valid_inventions_lower,
        cast(sum(coalesce(moved.upper, 0)) over years as bigint) as valid_inventions_upper,
        true as is_multi_counted,
        {{ 'true' if register == 'simulated_register' else 'false' }} as is_simulated
    from series
    inner join name_of on series.industry_code = name_of.industry_code
    left join moved
        on
            series.office = moved.office
            and series.ref_area = moved.ref_area
            and series.industry_code = moved.industry_code
            and series.year = moved.year
    window years as (
        partition by series.office, series.ref_area, series.industry_code order by series.year
    )
{% endmacro %}

{#-
    One row per rule version, parameter set, office, area and year-end: how the count moves when one
    parameter takes another value. At the ends of 2020 and 2025, between which the plan's target lies,
    and at the last year-end.
-#}
{% macro high_value_sensitivity(register) %}
    with chosen as (
        select
            parameter_set.*,
            days.day
        from {{ ref('int_rule__parameter_set') }} as parameter_set
        cross join (
            select distinct unnest([
                date '2020-12-31',
                date '2025-12-31',
                make_date(year({{ evaluation_date() }} + 1) - 1, 12, 31)
            ]) as day
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
        {{ 'true' if register == 'simulated_register' else 'false' }} as is_simulated
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

{#- One row per patent, condition, rule version and span of one state. -#}
{% macro patent_conditions(register) %}
    with condition_day as (
        {{ condition_days(
            register, of_register(register, 'int_high_value__patent'), ref('int_rule__default')
        ) }}
    ),

    span as (
        {% for name in condition_names() %}
        {% for state, since, until in [
            ('false', always(), name ~ '_possible'),
            ('unknown', name ~ '_possible', name ~ '_certain'),
            ('true', name ~ '_certain', never())
        ] %}
        select
            patent_key,
            '{{ name }}' as condition,
            '{{ state }}' as state,
            nullif({{ since }}, {{ always() }}) as from_date,
            nullif({{ until }}, {{ never() }}) as until_date
        from condition_day
        where {{ since }} < {{ until }}
        {{ 'union all' if not loop.last }}
        {% endfor %}
        {{ 'union all' if not loop.last }}
        {% endfor %}
    )

    select
        patent.patent_id,
        span.condition,
        rule.rule_version,
        span.state,
        span.from_date,
        span.until_date,
        evidence.evidence_table,
        file.raw_file,
        file.raw_sha256,
        evidence.raw_row,
        patent.office,
        {{ 'true' if register == 'simulated_register' else 'false' }} as is_simulated
    from span
    inner join {{ of_register(register, 'int_register__patent') }} as patent
        on span.patent_key = patent.patent_key
    cross join {{ ref('dim_rule_version') }} as rule
    left join {{ of_register(register, 'int_high_value__evidence') }} as evidence
        on span.patent_key = evidence.patent_key and span.condition = evidence.condition
    left join {{ of_register(register, 'int_register__file') }} as file
        on evidence.file_no = file.file_no
    where list_contains(string_split(rule.conditions, ';'), span.condition)
{% endmacro %}

{#-
    The landed row that speaks for a condition of a patent: the strategic symbol or the office's flag,
    the member granted first, the record with the earliest filing, the first pledge, the first prize.
    Rows are packed into one number whose minimum is the row wanted.
-#}
{% macro high_value_evidence(register) %}
    with packed as (
        select
            record.patent_key,
            'sei' as condition,
            'ipc_assignment' as evidence_table,
            {{ packed_row(
                '(3 - coalesce(symbol.state, 0)) * 100000 + least(record.position, 99999)'
            ) }} as packed
        from ({{ register_keyed(register, 'ipc_assignment') }}) as record
        left join ({{ sei_by_symbol(register) }}) as symbol on record.ipc_symbol = symbol.ipc_symbol
        inner join {{ of_register(register, 'int_register__file') }} as file
            on record.raw_sha256 = file.raw_sha256

        {% if register != 'simulated_register' %}
        union all

        select
            {{ patent_key(
                'coalesce(alias.patent_id, record.application_number,'
                ~ ' record.office || record.publication_number)'
            ) }} as patent_key,
            'sei' as condition,
            'flag' as evidence_table,
            {{ packed_row('case when record.sei_code is null then 0 else 1 end') }} as packed
        from {{ ref('stg_sei_flags__flag') }} as record
        left join {{ ref('int_register__alias') }} as alias
            on
                record.application_number is null
                and record.office || record.publication_number = alias.named_id
        inner join {{ ref('int_register__file') }} as file on record.raw_sha256 = file.raw_sha256
        {% endif %}

        union all

        select
            record.patent_key,
            'family' as condition,
            'family_member' as evidence_table,
            {{ packed_row(
                "case
                    when not (" ~ is_overseas('record.member_office', 'record.office') ~ ") then 500000
                    when record.member_is_granted is false or record.member_grant_date is null
                        then 400000
                    else date_diff('day', date '1700-01-01', record.member_grant_date)
                end"
            ) }} as packed
        from ({{ register_keyed(register, 'family_member') }}) as record
        inner join {{ of_register(register, 'int_register__file') }} as file
            on record.raw_sha256 = file.raw_sha256

        union all

        select
            record.patent_key,
            'family' as condition,
            'patent' as evidence_table,
            {{ packed_row(
                "coalesce(date_diff('day', date '1700-01-01', record.member_grant_date), 400000)"
            ) }} as packed
        from {{ of_register(register, 'int_register__kin') }} as record
        inner join {{ of_register(register, 'int_register__file') }} as file
            on record.raw_sha256 = file.raw_sha256

        union all

        select
            record.patent_key,
            'maintenance' as condition,
            'patent' as evidence_table,
            {{ packed_row("date_diff('day', date '1700-01-01', record.filing_date)") }} as packed
        from ({{ register_keyed(register, 'patent') }}) as record
        inner join {{ of_register(register, 'int_register__file') }} as file
            on record.raw_sha256 = file.raw_sha256
        where record.filing_date is not null

        union all

        select
            record.patent_key,
            'pledge' as condition,
            'pledge' as evidence_table,
            {{ packed_row("date_diff('day', date '1700-01-01', record.registration_date)") }} as packed
        from ({{ register_keyed(register, 'pledge') }}) as record
        inner join {{ of_register(register, 'int_register__file') }} as file
            on record.raw_sha256 = file.raw_sha256

        union all

        select
            record.patent_key,
            'award' as condition,
            'award' as evidence_table,
            {{ packed_row('record.award_year') }} as packed
        from ({{ register_keyed(register, 'award') }}) as record
        inner join {{ of_register(register, 'int_register__file') }} as file
            on record.raw_sha256 = file.raw_sha256
    )

    select
        patent_key,
        condition,
        arg_min(evidence_table, packed) as evidence_table,
        cast((min(packed) >> 48) & 4294967295 as bigint) as file_no,
        cast(min(packed) & 281474976710655 as bigint) as raw_row
    from packed
    group by patent_key, condition
{% endmacro %}

{% macro packed_row(order) -%}
    (cast({{ order }} as hugeint) << 80) + (cast(file.file_no as hugeint) << 48) + record.raw_row
{%- endmacro %}

{#- Files that rows were landed from. -#}
{% macro register_file(register) %}
    select
        row_number() over (order by raw_sha256) as file_no,
        raw_sha256,
        min(raw_file) as raw_file
    from (
        {% for table in [
            'patent', 'patent_owner', 'ipc_assignment', 'family_member', 'legal_event', 'pledge', 'award'
        ] %}
        select distinct
            raw_sha256,
            raw_file
        from {{ ref('stg_' ~ register ~ '__' ~ table) }}
        {{ 'union' if not loop.last }}
        {% endfor %}
        {% if register != 'simulated_register' %}
        union
        select distinct
            raw_sha256,
            raw_file
        from {{ ref('stg_sei_flags__flag') }}
        {% endif %}
    )
    group by raw_sha256
{% endmacro %}

{#- One row per invention and rule version, as it stands on the evaluation date. -#}
{% macro high_value_patent(register) %}
    with condition_day as (
        {{ condition_days(
            register, of_register(register, 'int_high_value__patent'), ref('int_rule__default')
        ) }}
    ),

    ruled as (
        select
            condition_day.*,
            rule.rule_version,
            rule.mask
            {%- for stream, days in [('certain', 'union_certain'), ('possible', 'union_possible')] %},
            least(
                {%- for name in condition_names() %}
                case when rule.mask & {{ 2 ** loop.index0 }} <> 0 then {{ name }}_{{ stream }} end
                {{- ',' if not loop.last }}
                {%- endfor %}
            ) as {{ days }}
            {%- endfor %}
        from condition_day
        cross join {{ ref('dim_rule_version') }} as rule
    ),

    lived as (
        select
            ruled.patent_key,
            ruled.rule_version,
            {{ state_of(
                'bool_or(period.is_certain and ' ~ holds_now('period.from_date', 'period.until_date') ~ ')',
                'bool_or(' ~ holds_now('period.from_date', 'period.until_date') ~ ')'
            ) }} as in_force_state,
            {{ state_of(
                'bool_or(period.is_certain and '
                ~ holds_now('greatest(period.from_date, ruled.union_certain)', 'period.until_date') ~ ')',
                'bool_or('
                ~ holds_now('greatest(period.from_date, ruled.union_possible)', 'period.until_date') ~ ')'
            ) }} as high_value_state,
            min(greatest(period.from_date, ruled.union_certain)) filter (
                where period.is_certain and ruled.union_certain < period.until_date
            ) as high_value_from,
            max(period.until_date) filter (
                where period.is_certain and ruled.union_certain < period.until_date
            ) as high_value_until,
            min(greatest(period.from_date, ruled.union_possible)) filter (
                where ruled.union_possible < period.until_date
            ) as possible_from,
            max(period.until_date) filter (
                where ruled.union_possible < period.until_date
            ) as possible_until,
            arg_max(period.residence, period.from_date) filter (
                where period.from_date <= {{ evaluation_date() }}
            ) as residence
        from ruled
        inner join {{ of_register(register, 'int_high_value__period') }} as period
            on ruled.patent_key = period.patent_key
        group by ruled.patent_key, ruled.rule_version
    )

    select
        patent.patent_id,
        ruled.rule_version,
        patent.office,
        patent.application_number,
        patent.publication_number,
        patent.filing_date,
        ruled.grant_date,
        {{ evaluation_date() }} as as_of,
        coalesce(lived.in_force_state, 'false') as in_force_state,
        {%- for name in condition_names() %}
        case
            when ruled.mask & {{ 2 ** loop.index0 }} <> 0
                then {{ state_of(name ~ '_certain <= ' ~ evaluation_date(), name ~ '_possible <= ' ~ evaluation_date()) }}
        end as {{ name }}_state,
        {%- endfor %}
        coalesce(lived.high_value_state, 'false') as high_value_state,
        lived.high_value_from,
        lived.high_value_until,
        lived.possible_from,
        lived.possible_until,
        case
            when lived.high_value_from is null then null
            {%- for name in condition_names() %}
            when
                ruled.mask & {{ 2 ** loop.index0 }} <> 0 and ruled.{{ name }}_certain = ruled.union_certain
                then '{{ name }}'
            {%- endfor %}
        end as first_condition,
        coalesce(lived.residence, ruled.residence) as residence,
        {{ 'true' if register == 'simulated_register' else 'false' }} as is_simulated
    from ruled
    inner join {{ of_register(register, 'int_register__patent') }} as patent
        on ruled.patent_key = patent.patent_key
    left join lived
        on ruled.patent_key = lived.patent_key and ruled.rule_version = lived.rule_version
{% endmacro %}

{% macro state_of(certain, possible) -%}
    case when {{ certain }} then 'true' when {{ possible }} then 'unknown' else 'false' end
{%- endmacro %}

{% macro holds_now(from_date, until_date) -%}
    {{ from_date }} <= {{ evaluation_date() }} and {{ until_date }} > {{ evaluation_date() }}
{%- endmacro %}

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
        10000 * stock.high_value_lower / population.population as high_value_lower_per_10k,
        10000 * stock.high_value_upper / population.population as high_value_upper_per_10k,
        stock.day <= office.covered_until as is_covered
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
