-- One row per economy or aggregate: the newest list that names it.
select *
from {{ source('world_bank', 'economy') }}
qualify row_number() over (
    partition by ref_area order by release_date desc nulls first, retrieved_at desc, raw_sha256 asc
) = 1
