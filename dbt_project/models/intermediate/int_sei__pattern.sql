-- One row per rule and pattern of the strategic-industry table, each compiled to its one key.
with pattern as (
    select
        sei_code,
        rule_no,
        is_keyword_limited,
        false as is_exclusion,
        unnest(string_split(ipc_include, ';')) as pattern
    from {{ ref('sei_ipc_rules') }}

    union all

    select
        sei_code,
        rule_no,
        is_keyword_limited,
        true as is_exclusion,
        unnest(string_split(ipc_exclude, ';')) as pattern
    from {{ ref('sei_ipc_rules') }}
)

select
    *,
    {{ ipc_pattern_key('pattern') }} as ipc_key
from pattern
