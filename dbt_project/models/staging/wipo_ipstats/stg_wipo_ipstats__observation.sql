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
    freq,
    time_period,
    obs_value,
    obs_value as value_low,
    obs_value as value_high,
    'NUMBER' as unit_measure,
    obs_status,
    value_as_published,
    'NUMBER' as unit_as_published,
    cast(null as varchar) as qualifier,
    release_date as vintage,
    'month' as vintage_precision,
    'wipo_ipstats' as source_id,
    'wipo-ipstats-' || strftime(release_date, '%Y-%m') as release_id,
    'primary' as trust,
    false as is_derived,
    false as is_proxy,
    cast(null as varchar) as correction_reason,
    cast(null as varchar) as place,
    cast(null as varchar) as note,
    raw_file,
    raw_sha256,
    raw_row,
    retrieved_at
from {{ ref('stg_wipo_ipstats__cell') }}
where counted_by in ('office', 'origin')
