-- One row per cell of a landed workbook, in plain yuan or US$; debits negative, as printed.
select
    'SAFE.ROYALTIES.' || upper(flow) || '.' || unit_measure as indicator_id,
    'Charges for the use of intellectual property, ' || flow || ', ' || unit_measure
        as indicator_name,
    'CHN' as ref_area,
    'China' as ref_area_name,
    unit_measure,
    {{ primary_observation(
        'safe_bop',
        value='obs_value * pow(10, unit_mult)',
        unit_as_published="'100 million ' || unit_measure",
        release_id="'safe-bop-' || strftime(release_date, '%Y-%m-%d')",
        place="sheet || '!' || cell",
    ) }}
from {{ source('safe_bop', 'royalty_flow') }}
