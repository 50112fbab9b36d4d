-- One row per landing, as the landing wrote it.
select * from {{ source('operations', 'landing') }}
