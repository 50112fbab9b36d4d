-- One row per symbol: the newest dropped tree that lists it.
select *
from {{ source('ipc', 'symbol') }}
qualify row_number() over (
    partition by symbol order by release_date desc nulls last, retrieved_at desc, raw_sha256 asc
) = 1
