-- One row per ref_area, as reviewed.
select * exclude (release_date, retrieved_at)
from {{ source('official_releases', 'ref_area') }}
