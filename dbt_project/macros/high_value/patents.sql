{#-
    Single patents: their conditions span by span with the evidence, and their verdict, each for one
    register. Not here: when a condition holds (conditions.sql), counting.
-#}

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
        {{ is_simulated(register) }} as is_simulated
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
    A row is packed into one number, order first, whose minimum is the row wanted.
-#}
{% macro high_value_evidence(register) %}
    with packed as (
        {% for condition, table, record, order in evidence_of_conditions(register) %}
        select
            record.patent_key,
            '{{ condition }}' as condition,
            '{{ table }}' as evidence_table,
            (cast({{ order }} as hugeint) << 80)
            + (cast(file.file_no as hugeint) << 48)
            + record.raw_row as packed
        from ({{ record }}) as record
        inner join {{ of_register(register, 'int_register__file') }} as file
            on record.raw_sha256 = file.raw_sha256
        where {{ order }} is not null
        {{ 'union all' if not loop.last }}
        {% endfor %}
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

{#-
    What speaks for each condition: its name, the landed table, the records, and a number below 2**40
    that is smaller the better a record speaks; NULL: it does not.
-#}
{% macro evidence_of_conditions(register) %}
    {%- set found = [
        (
            'sei', 'ipc_assignment', symbols_with_state(register),
            '(3 - record.state) * 100000 + least(record.position, 99999)'
        ),
        (
            'family', 'family_member', register_keyed(register, 'family_member'),
            'case when not (' ~ is_overseas('record.member_office', 'record.office') ~ ') then 500000 '
            ~ 'when record.member_is_granted is false then 400000 '
            ~ 'else coalesce(' ~ days_since_1700('record.member_grant_date') ~ ', 400000) end'
        ),
        (
            'family', 'patent', 'select * from ' ~ of_register(register, 'int_register__kin'),
            'coalesce(' ~ days_since_1700('record.member_grant_date') ~ ', 400000)'
        ),
        (
            'maintenance', 'patent', register_keyed(register, 'patent'),
            days_since_1700('record.filing_date')
        ),
        (
            'pledge', 'pledge', register_keyed(register, 'pledge'),
            days_since_1700('record.registration_date')
        ),
        ('award', 'award', register_keyed(register, 'award'), 'record.award_year')
    ] -%}
    {%- if register != 'simulated_register' -%}
        {%- do found.append((
            'sei', 'flag', keyed(register, ref('stg_sei_flags__flag')),
            'case when record.sei_code is null then 0 when record.is_sei then 1 else 1000000 end'
        )) -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{% macro days_since_1700(day) -%}
    date_diff('day', date '1700-01-01', {{ day }})
{%- endmacro %}

{#- Symbols of patents, each with its best state over all industries. -#}
{% macro symbols_with_state(register) -%}
    select
        assigned.*,
        coalesce(symbol.state, 0) as state
    from ({{ register_keyed(register, 'ipc_assignment') }}) as assigned
    left join ({{ sei_by_symbol(register) }}) as symbol on assigned.ipc_symbol = symbol.ipc_symbol
{%- endmacro %}

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
        {{ is_simulated(register) }} as is_simulated
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
