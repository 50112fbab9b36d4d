-- One row per dataset, as the landing wrote it.
select * from {{ source('operations', 'dataset') }}
