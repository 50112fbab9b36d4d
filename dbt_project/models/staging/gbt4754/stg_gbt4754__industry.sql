{{ config(schema='withheld') }}
-- One row per industry of the classification, from the file dropped last that names it. Which of
-- them are patent-intensive is in no source here, so no mart joins them.
select * exclude (raw_row)
from {{ source('gbt4754', 'industry') }}
qualify row_number() over (partition by code order by retrieved_at desc, raw_sha256 asc) = 1
