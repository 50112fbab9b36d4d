-- One row per finding, as the landing wrote it.
select * from {{ source('operations', 'finding') }}
