-- One row per landing, as the landing wrote it.
select
    source_id,
    table_name,
    file,
    raw_sha256,
    release_date,
    outcome,
    rows_in,
    rows_accepted,
    rows_quarantined,
    contract_version,
    message,
    landed_at,
    retrieved_at
from {{ source('operations', 'landing') }}
