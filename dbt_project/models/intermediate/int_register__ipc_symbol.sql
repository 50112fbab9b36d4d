-- One row per IPC symbol that any landed patent carries: symbols are judged once, not per patent.
select distinct ipc_symbol
from {{ ref('stg_patent_register__ipc_assignment') }}
