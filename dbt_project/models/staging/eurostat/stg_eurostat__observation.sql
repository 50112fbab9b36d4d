-- One row per observation in the shape of all observations; millions of euros stand plain.
with areas as (
    select
        code,
        ref_area,
        name
    from {{ ref('sdmx_areas') }}
    where source_id = 'eurostat'
    union all
    select
        alpha_2 as code,
        alpha_3 as ref_area,
        name
    from {{ ref('iso_3166_1') }}
)

select
    'EUROSTAT.' || o.dataset || '.' || o.series_key as indicator_id,
    o.dataset || ': ' || o.dimensions || ' = ' || o.series_key as indicator_name,
    coalesce(a.ref_area, o.geo) as ref_area,
    coalesce(a.name, o.geo) as ref_area_name,
    case
        when o.unit = 'NR' then 'NUMBER'
        when o.unit = 'P_MHAB' then 'PER_1M_POP'
        when o.unit = 'MIO_EUR' then 'EUR'
        else o.unit
    end as unit_measure,
    {{ primary_observation(
        'eurostat',
        value="case when unit = 'MIO_EUR' then obs_value * 1e6 else obs_value end",
        unit_as_published='unit',
        release_id="'eurostat-' || lower(dataset) || '-' || strftime(release_date, '%Y-%m-%d')",
        note="case when obs_flag is not null then 'flags of Eurostat: ' || obs_flag end",
    ) }}
from {{ source('eurostat', 'observation') }} as o
left join areas as a on o.geo = a.code
