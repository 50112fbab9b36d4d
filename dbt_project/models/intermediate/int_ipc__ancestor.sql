-- One row per symbol of the dropped IPC tree and symbol above it, itself included (distance 0).
with recursive above as (
    select
        symbol,
        symbol as ancestor,
        parent as next_up,
        0 as distance
    from {{ ref('stg_ipc__symbol') }}

    union all

    select
        above.symbol,
        upper.symbol as ancestor,
        upper.parent as next_up,
        above.distance + 1 as distance
    from above
    inner join {{ ref('stg_ipc__symbol') }} as upper on above.next_up = upper.symbol
    -- A tree is some 14 levels deep; files that contradict each other could make a ring.
    where above.distance < 30
)

select
    symbol,
    ancestor,
    min(distance) as distance
from above
group by all
