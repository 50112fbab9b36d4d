-- One row per cell of a landed answer, in plain units; the day of the answer is the vintage. A code
-- means something only in its database. The new interface (codes of 32 digits) splits a series over
-- several codes by the years that they cover: there the name is what makes it one.
select
    'NBS.' || upper(database) || '.'
    || case
        when regexp_full_match(series_code, '[0-9a-f]{32}') then coalesce(series_name, series_code)
        else series_code
    end as indicator_id,
    series_name as indicator_name,
    ref_area,
    ref_area as ref_area_name,
    unit_measure,
    {{ primary_observation(
        'nbs_easyquery',
        value='obs_value * pow(10, unit_mult)',
        unit_as_published="coalesce(unit_as_published, '')",
        release_id="'nbs-data-' || strftime(release_date, '%Y-%m-%d')",
        place='series_code',
    ) }}
from {{ source('nbs_easyquery', 'observation') }}
