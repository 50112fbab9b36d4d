-- One row per list and symbol, with the key by which symbols match it: a list's subclass is all of
-- it, a list's group is that group alone.
select
    *,
    case when symbol like '%/%' then '=' || symbol else symbol end as ipc_key
from {{ source('ipc', 'green') }}
qualify row_number() over (
    partition by green_list, symbol
    order by release_date desc nulls last, retrieved_at desc, raw_sha256 asc
) = 1
