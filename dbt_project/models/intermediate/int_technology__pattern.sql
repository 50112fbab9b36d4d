-- One row per pattern of WIPO's technology fields, each compiled to its one key.
with pattern as (
    select
        field_number,
        unnest(string_split(ipc_include, ';')) as pattern
    from {{ ref('wipo_technology') }}
)

select
    *,
    {{ ipc_pattern_key('pattern') }} as ipc_key
from pattern
