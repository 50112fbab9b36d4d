-- One row per patent as named and code: the newest file that flags it.
select
    *,
    coalesce(application_number, office || publication_number) as named_id
from {{ source('sei_flags', 'flag') }}
qualify row_number() over (
    partition by office, application_number, publication_number, sei_code, is_simulated
    order by release_date desc nulls last, retrieved_at desc, raw_sha256 asc
) = 1
