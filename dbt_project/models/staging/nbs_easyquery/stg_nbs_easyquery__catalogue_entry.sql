-- One row per entry of the bureau's tree of indicators, from the newest answer that names it.
select * exclude (raw_row)
from {{ source('nbs_easyquery', 'catalogue_entry') }}
qualify row_number() over (
    partition by database, series_code
    order by release_date desc, retrieved_at desc, raw_sha256 asc
) = 1
