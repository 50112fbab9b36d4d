-- One row per plan, as reviewed.
select * exclude (release_date, retrieved_at)
from {{ source('official_releases', 'plan') }}
