{{ config(schema='withheld') }}
-- Cells about one area in the shape of all observations; a month stands as its last day. WIPO's
-- number of the indicator, the origin and the field make the indicator. Cells about an office and
-- one origin at once stay in stg_wipo_ipstats__cell: an observation has one area.
select
    'WIPO.' || indicator_code || '.'
    || case counted_by when 'office' then origin_group else 'ORIGIN' end
    || coalesce('.F' || lpad(cast(technology_number as varchar), 2, '0'), '') as indicator_id,
    indicator_name
    || case counted_by when 'office' then ', by office, ' || lower(origin_name) else ', by origin'
    end
    || coalesce(': ' || technology, '') as indicator_name,
    case counted_by when 'office' then office_area else origin_area end as ref_area,
    case counted_by when 'office' then office_name else origin_name end as ref_area_name,
    'NUMBER' as unit_measure,
    {{ primary_observation(
        'wipo_ipstats',
        value='obs_value',
        unit_as_published="'NUMBER'",
        release_id="'wipo-ipstats-' || strftime(release_date, '%Y-%m')",
        precision='month',
    ) }}
from {{ ref('stg_wipo_ipstats__cell') }}
where counted_by in ('office', 'origin')
