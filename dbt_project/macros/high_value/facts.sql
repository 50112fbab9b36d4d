{#-
    All that the rule asks of a patent, in one row a patent, whatever the rule's parameters: dates and
    three-valued marks. The records of every table are stacked in one narrow shape and folded once, by
    patent; joining tables of ten million patents would take twice as long. Not here: the conditions
    themselves (conditions.sql), lives with restorations and moves (periods.sql).
-#}

{#- Bits of the column `marks`. -#}
{% macro mark(name) -%}
    {{ {
        'is_invention': 1,
        'has_family': 2,
        'ends_unclearly': 4,
        'moves': 8,
        'symbol': 16,
        'limited_symbol': 32,
        'strategic_symbol': 64,
        'first_symbol': 128,
        'first_limited_symbol': 256,
        'first_strategic_symbol': 512,
        'is_followed': 1024,
    }[name] }}
{%- endmacro %}

{#- Marks of a row, by name and when they are set. -#}
{% macro marks(by_name) -%}
    cast(
        {%- for name, condition in by_name.items() %}
        {{ '+ ' if not loop.first }}case when {{ condition }} then {{ mark(name) }} else 0 end
        {%- endfor %}
        as usmallint
    ) as marks
{%- endmacro %}

{#- Kinds of events that end a right, as the definitions list them: lapse, expiry, abandonment, whole
    invalidation; revocation is the latter by another name. -#}
{% macro terminating_events() -%}
    ('fee_lapse', 'expiry', 'abandonment', 'revocation', 'invalidation')
{%- endmacro %}

{#- Kinds of events that tell how a right fares; who tells them of a patent follows its life. -#}
{% macro life_events() -%}
    (
        'grant', 'fee_payment', 'fee_lapse', 'expiry', 'abandonment', 'revocation', 'invalidation',
        'partial_invalidation', 'invalidation_unclear', 'restoration', 'lapse_in_state'
    )
{%- endmacro %}

{#- An office outside mainland China; a PCT publication is no right. -#}
{% macro is_abroad(office) -%}
    {{ office }} not in ('CN', 'WO')
{%- endmacro %}

{#- An office abroad, and not the patent's own. -#}
{% macro is_overseas(member_office, office) -%}
    {{ is_abroad(member_office) }} and {{ member_office }} <> {{ office }}
{%- endmacro %}

{#- The last day of a term that many years after a day: 29 February falls on the 28th. -#}
{% macro add_years(day, years) -%}
    cast({{ day }} + to_years(cast({{ years }} as integer)) as date)
{%- endmacro %}

{#- Open ends, in the arithmetic of dates. -#}
{% macro always() -%} date '0001-01-01' {%- endmacro %}
{% macro never() -%} date '9999-12-31' {%- endmacro %}

{#-
    An owner as a number whose minimum is the first one: place, then what is told of the residence
    (region, country, nothing), then the document published last (of A and B, the one of the grant),
    then the newest record, then two letters of region or country.
-#}
{% macro residence_order() -%}
    (
        (
            (cast(least(seq, 2047) as bigint) * 4 + {{ residence_detail() }}) * 131072
            + coalesce({{ days_before('publication_date') }}, 131071)
        ) * 131072
        + {{ days_before('coalesce(release_date, cast(left(retrieved_at, 10) as date))') }}
    ) * 65536
    + {{ residence_letters() }}
{%- endmacro %}

{#- A day as a number below 131072, the smaller the later; days of before 1900 as one. -#}
{% macro days_before(day) -%}
    least(131070, date_diff('day', {{ day }}, date '2258-01-01'))
{%- endmacro %}

{% macro residence_detail() -%}
    case when owner_region is not null then 0 when owner_country is not null then 1 else 2 end
{%- endmacro %}

{% macro residence_letters() -%}
    case
        when owner_region is not null then {{ packed_letters('owner_region', 4) }}
        when owner_country is not null then {{ packed_letters('owner_country', 1) }}
        else 0
    end
{%- endmacro %}

{#- CN-GD, US or NULL, of that number. -#}
{% macro residence_of(packed) -%}
    case {{ packed }} // 1125899906842624 % 4
        when 0 then 'CN-' || {{ letters_of(packed) }}
        when 1 then {{ letters_of(packed) }}
    end
{%- endmacro %}

{#- Two letters of a text as a number below 65536, and back. -#}
{% macro packed_letters(name, at) -%}
    (ascii({{ name }}[{{ at }}]) * 256 + ascii({{ name }}[{{ at + 1 }}]))
{%- endmacro %}

{% macro letters_of(packed) -%}
    chr(cast({{ packed }} % 65536 // 256 as integer)) || chr(cast({{ packed }} % 256 as integer))
{%- endmacro %}

{#- One row per invention. -#}
{% macro high_value_facts(register) %}
    with statement as (
        select
            patent_key,
            {{ packed_letters('office', 1) }} as office,
            filing_date,
            grant_date,
            {{ marks({'is_invention': "ip_type = 'invention'"}) }}
        from ({{ register_keyed(register, 'patent') }})

        union all by name

        select
            patent_key,
            {{ residence_order() }} as residence,
            {{ marks({'moves': 'valid_from is not null or valid_to is not null'}) }}
        from ({{ register_keyed(register, 'patent_owner') }})

        union all by name

        select
            record.patent_key,
            {{ marks({
                'symbol': 'true',
                'limited_symbol': 'symbol.state = 1',
                'strategic_symbol': 'symbol.state = 2',
                'first_symbol': 'record.position = 1',
                'first_limited_symbol': 'record.position = 1 and symbol.state = 1',
                'first_strategic_symbol': 'record.position = 1 and symbol.state = 2',
            }) }}
        from ({{ register_keyed(register, 'ipc_assignment') }}) as record
        left join ({{ sei_by_symbol(register) }}) as symbol on record.ipc_symbol = symbol.ipc_symbol

        union all by name

        select
            patent_key,
            {{ marks({'has_family': 'true'}) }}
        from ({{ register_keyed(register, 'family_member') }})

        union all by name

        select
            patent_key,
            case when event_kind = 'grant' then event_date end as grant_event_date,
            case when event_kind in {{ terminating_events() }} then event_date end as first_end,
            {{ marks({
                'is_followed': 'true',
                'ends_unclearly': "event_kind in ('restoration', 'invalidation_unclear')",
            }) }}
        from ({{ register_keyed(register, 'legal_event') }})
        where event_kind in {{ life_events() }}
    ),

    folded as (
        select
            patent_key,
            min(office) as office,
            min(filing_date) as filing_date,
            coalesce(min(grant_date), min(grant_event_date)) as grant_date,
            min(first_end) as first_end,
            min(residence) as residence,
            bit_or(marks) as marks
        from statement
        group by patent_key
    )

    select
        patent_key,
        {{ letters_of('office') }} as office,
        filing_date,
        grant_date,
        first_end,
        {{ add_years('coalesce(filing_date, grant_date)', 20) }} as term_end,
        {{ residence_of('residence') }} as residence,
        {{ sei_state('') }} as sei_any,
        {{ sei_state('first_') }} as sei_first
        {%- for name in ['has_family', 'is_followed', 'ends_unclearly', 'moves'] %},
        marks & {{ mark(name) }} <> 0 as {{ name }}
        {%- endfor %}
    from folded
    where marks & {{ mark('is_invention') }} <> 0
{% endmacro %}

{#- 2 strategic, 1 by rules with a keyword limit alone, 0 not; NULL without a symbol. -#}
{% macro sei_state(which) -%}
    cast(
        case
            when marks & {{ mark(which ~ 'strategic_symbol') }} <> 0 then 2
            when marks & {{ mark(which ~ 'limited_symbol') }} <> 0 then 1
            when marks & {{ mark(which ~ 'symbol') }} <> 0 then 0
        end as tinyint
    )
{%- endmacro %}

{#-
    Members abroad of the patents that have some: when the first was granted, when published, Hong
    Kong's apart; maybe_*: one is, or may be, on a day that is not told.
-#}
{% macro high_value_families(register) %}
    with member as (
        select
            patent_key,
            member_office,
            member_publication_date,
            member_grant_date,
            member_is_granted
        from ({{ register_keyed(register, 'family_member') }})
        where {{ is_overseas('member_office', 'office') }}

        union all

        select
            patent_key,
            member_office,
            member_publication_date,
            member_grant_date,
            null as member_is_granted
        from {{ of_register(register, 'int_register__kin') }}
    ),

    dated as (
        select
            patent_key,
            member_office = 'HK' as is_hk,
            case when member_is_granted is not false then member_grant_date end as granted,
            member_is_granted is not false and member_grant_date is null as maybe_granted,
            -- What is granted is published by then.
            coalesce(member_publication_date, member_grant_date) as published
        from member
    )

    select
        patent_key
        {%- for hong_kong, which in [('', 'not is_hk'), ('_hk', 'is_hk')] %},
        min(granted) filter (where {{ which }}) as granted{{ hong_kong }},
        min(published) filter (where {{ which }}) as published{{ hong_kong }},
        bool_or(maybe_granted and {{ which }}) as maybe_granted{{ hong_kong }},
        bool_or(published is null and {{ which }}) as maybe_published{{ hong_kong }}
        {%- endfor %}
    from dated
    group by patent_key
{% endmacro %}

{#- Symbols with their best state over all industries: 2 strategic, 1 where only rules with a keyword
    limit match. -#}
{% macro sei_by_symbol(register) -%}
    select
        ipc_symbol,
        max(case state when 'true' then 2 else 1 end) as state
    from {{ of_register(register, 'int_sei__symbol_state') }}
    group by ipc_symbol
{%- endmacro %}

{#- The office's own flags: one row per patent and industry, or for all together (sei_code NULL). -#}
{% macro high_value_flags_of_code(register) %}
    {% if register == 'simulated_register' %}
    -- Flags are an office's own: none are simulated.
    select
        cast(null as ubigint) as patent_key,
        cast(null as varchar) as sei_code,
        cast(null as boolean) as is_sei
    where false
    {% else %}
    select
        patent_key,
        sei_code,
        is_sei
    from ({{ keyed(register, ref('stg_sei_flags__flag')) }})
    qualify row_number() over (
        partition by patent_key, sei_code
        order by release_date desc nulls last, retrieved_at desc, is_sei desc
    ) = 1
    {% endif %}
{% endmacro %}

{#-
    What the office's flags leave of a patent: they win over the table. flag: the one of all industries
    together, or true by an industry's; sei_any, sei_first: as in the facts, without those flagged.
-#}
{% macro high_value_flags(register) %}
    with flag as (
        select * from {{ of_register(register, 'int_high_value__flag_of_code') }}
    ),

    symbol as (
        select
            record.patent_key,
            record.position,
            record.ipc_symbol
        from ({{ register_keyed(register, 'ipc_assignment') }}) as record
        where record.patent_key in (select flag.patent_key from flag)
    ),

    unflagged as (
        select
            symbol.patent_key,
            symbol.position,
            case industry.state when 'true' then 2 when 'unknown' then 1 else 0 end as state
        from symbol
        left join {{ of_register(register, 'int_sei__symbol_state') }} as industry
            on symbol.ipc_symbol = industry.ipc_symbol
        left join flag
            on symbol.patent_key = flag.patent_key and industry.sei_code = flag.sei_code
        where flag.sei_code is null

        union all

        -- A symbol whose every industry is flagged is still a symbol.
        select
            patent_key,
            position,
            0 as state
        from symbol
    )

    select
        flag.patent_key,
        coalesce(
            bool_or(flag.is_sei) filter (where flag.sei_code is null),
            nullif(bool_or(flag.is_sei and flag.sei_code is not null), false)
        ) as flag,
        cast(any_value(own.sei_any) as tinyint) as sei_any,
        cast(any_value(own.sei_first) as tinyint) as sei_first
    from flag
    left join (
        select
            patent_key,
            max(state) as sei_any,
            max(state) filter (where position = 1) as sei_first
        from unflagged
        group by patent_key
    ) as own on flag.patent_key = own.patent_key
    group by flag.patent_key
{% endmacro %}

{#- Pledges of a patent as a list, amounts in yuan: no rate of exchange is known here. -#}
{% macro high_value_pledges(register) %}
    select
        patent_key,
        list(
            {
                'registered': registration_date,
                'cancelled': cancellation_date,
                'amount': case when currency = 'CNY' then amount end
            }
            order by registration_date, registration_number
        ) as pledges
    from ({{ register_keyed(register, 'pledge') }})
    group by patent_key
{% endmacro %}

{#- Prizes of a patent as a list, of the grades that an invention can win. Of a year alone it is known
    that it was not given before its first day, and was by its last. -#}
{% macro high_value_awards(register) %}
    select
        record.patent_key,
        list(
            {
                'grade': record.grade,
                'certain_from': coalesce(record.announced, make_date(record.award_year, 12, 31)),
                'possible_from': coalesce(record.announced, make_date(record.award_year, 1, 1))
            }
            order by record.award_year, record.grade, record.announced
        ) as awards
    from ({{ register_keyed(register, 'award') }}) as record
    inner join {{ ref('award_grades') }} as grade on record.grade = grade.grade
    where grade.counts_for_invention
    group by record.patent_key
{% endmacro %}
