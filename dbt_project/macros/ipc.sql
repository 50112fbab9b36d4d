{#-
    The keys of an IPC symbol: the symbol itself (`=H01L21/02`) and the subtrees that it stands in
    (`H01`, `H01L`, `H01L21`). A pattern has one key, so matching is a join on equal keys. NULL among
    the keys of a symbol that is no group. Symbols are spelt as contracts/ipc.py spells them.
-#}
{% macro ipc_keys(symbol) -%}
    [
        '=' || {{ symbol }},
        left({{ symbol }}, 3),
        case when length({{ symbol }}) > 3 then left({{ symbol }}, 4) end,
        case when length({{ symbol }}) > 4 then split_part({{ symbol }}, '/', 1) end
    ]
{%- endmacro %}

{#-
    The key of a pattern: `B23F1*`, `A01B*`, `G16*` are subtrees; without `*` it is that symbol
    alone, and a main group's own symbol ends in /00 (`H03M13` is `H03M13/00`).
-#}
{% macro ipc_pattern_key(pattern) -%}
    case
        when {{ pattern }} like '%*' then rtrim({{ pattern }}, '*')
        when length({{ pattern }}) > 4 and {{ pattern }} not like '%/%'
            then '=' || {{ pattern }} || '/00'
        else '=' || {{ pattern }}
    end
{%- endmacro %}

{#-
    Strategic emerging industries of the symbols of `relation` (column ipc_symbol).

    One row per symbol and code: state `true` where a rule without a keyword limit holds, `unknown`
    where only limited rules do; no row where none does. rule_no: the first rule that gives the state.
    A rule holds where one of its patterns takes the symbol in and none takes it out.
-#}
{% macro sei_of_symbols(relation) %}
    select
        ipc_symbol,
        sei_code,
        case when bool_and(is_keyword_limited) then 'unknown' else 'true' end as state,
        arg_min(rule_no, (is_keyword_limited, rule_no)) as rule_no
    from (
        select
            keyed.ipc_symbol,
            pattern.sei_code,
            pattern.rule_no,
            pattern.is_keyword_limited
        from ({{ ipc_keyed(relation) }}) as keyed
        inner join {{ ref('int_sei__pattern') }} as pattern on keyed.ipc_key = pattern.ipc_key
        group by all
        having not bool_or(pattern.is_exclusion)
    )
    group by all
{% endmacro %}

{#- Technology fields of the symbols of `relation`: one row per symbol and field, at most one. -#}
{% macro technology_of_symbols(relation) %}
    select distinct
        keyed.ipc_symbol,
        pattern.field_number
    from ({{ ipc_keyed(relation) }}) as keyed
    inner join {{ ref('int_technology__pattern') }} as pattern on keyed.ipc_key = pattern.ipc_key
{% endmacro %}

{#-
    What the dropped reference files say of the symbols of `relation`: one row per symbol.

    is_in_scheme is NULL where no tree of the symbol's section was dropped, the green columns where
    that list was not. A symbol is on a list if the list names it, its subclass or its class;
    by_hierarchy also counts the groups above it in the tree, and is NULL for a symbol that is not
    in it. An edition knows no symbols that came later: false is not wrong.
-#}
{% macro ipc_reference_of_symbols(relation) %}
    
    with symbol as (
        select distinct ipc_symbol from {{ relation }} where ipc_symbol is not null
    ),

    listed as (
        select
            keyed.ipc_symbol,
            green.green_list
        from ({{ ipc_keyed(relation) }}) as keyed
        inner join {{ ref('stg_ipc__green') }} as green on keyed.ipc_key = green.ipc_key
    ),

    listed_above as (
        select
            above.symbol as ipc_symbol,
            green.green_list
        from {{ ref('int_ipc__ancestor') }} as above
        inner join {{ ref('stg_ipc__green') }} as green on above.ancestor = green.symbol
    )

    select
        symbol.ipc_symbol,
        scheme.level as ipc_level,
        scheme.parent as parent_symbol,
        case
            when left(symbol.ipc_symbol, 1) in (
                select left(symbol, 1) from {{ ref('stg_ipc__symbol') }}
            ) then scheme.symbol is not null
        end as is_in_scheme
        {%- for name, green_list in [
            ('is_wipo_green', 'wipo_green_inventory'), ('is_oecd_env_tech', 'oecd_env_tech')
        ] %},
        case
            when '{{ green_list }}' in (select green_list from {{ ref('stg_ipc__green') }})
                then symbol.ipc_symbol in (
                    select ipc_symbol from listed where green_list = '{{ green_list }}'
                )
        end as {{ name }},
        case
            when
                scheme.symbol is not null
                and '{{ green_list }}' in (select green_list from {{ ref('stg_ipc__green') }})
                then symbol.ipc_symbol in (
                    select ipc_symbol from listed_above where green_list = '{{ green_list }}'
                )
        end as {{ name }}_by_hierarchy
    {%- endfor %}
    from symbol
    left join {{ ref('stg_ipc__symbol') }} as scheme on symbol.ipc_symbol = scheme.symbol
{% endmacro %}

{#- Distinct symbols of `relation`, each once for each of its keys. -#}
{% macro ipc_keyed(relation) -%}
    select
        ipc_symbol,
        unnest({{ ipc_keys('ipc_symbol') }}) as ipc_key
    from (select distinct ipc_symbol from {{ relation }})
{%- endmacro %}
