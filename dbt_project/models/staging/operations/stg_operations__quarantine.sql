-- One row per quarantine, as the landing wrote it.
select * from {{ source('operations', 'quarantine') }}
