-- One row per record of the landed files, as the contract accepted it.
select * from {{ source('patent_register', 'family_member') }}
