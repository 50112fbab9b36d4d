-- One row per target and release that states it, in plain units.
select
    t.* exclude (release_date, retrieved_at),
    r.published,
    r.trust
from {{ source('official_releases', 'target') }} as t
left join {{ source('official_releases', 'release') }} as r on t.release_id = r.release_id
