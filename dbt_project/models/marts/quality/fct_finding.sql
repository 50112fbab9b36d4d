-- One row per thing that a rule found: cross-figure rules, broken contracts, refused payloads,
-- records of a patent that contradict each other.
select
    dataset,
    file,
    row,
    rule,
    severity,
    indicator_id,
    ref_area,
    time_period,
    expected,
    found,
    message,
    status,
    explanation
from {{ ref('stg_operations__finding') }}

union all by name

select
    source_id || '.' || table_name as dataset,
    file,
    raw_row as row,
    "check" as rule,
    'error' as severity,
    row_json ->> '$.indicator_id' as indicator_id,
    row_json ->> '$.ref_area' as ref_area,
    row_json ->> '$.time_period' as time_period,
    "check" as expected,
    value as found,
    'row ' || raw_row || ' was kept out: '
    || coalesce('column ' || column_name || ', ', '') || 'value ' || coalesce(value, 'missing')
    || ' breaks ' || "check" as message,
    'open' as status
from {{ ref('stg_operations__quarantine') }}

union all by name

select
    source_id || '.' || table_name as dataset,
    file,
    'payload_refused' as rule,
    'error' as severity,
    message,
    'open' as status
from {{ ref('stg_operations__landing') }}
where outcome = 'refused'

union all by name

select * from {{ ref('int_register__finding') }}
