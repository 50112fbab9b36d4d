-- One row per count of all co-operations and technologies, or of one WIPO field, as an observation.
-- Where a total has two codes, _T is taken. The OECD does not date its releases: the vintage is the
-- day given with the file, or the day on which the bytes were first got.
with counted as (
    select
        *,
        nullif(nullif(wipo_technology, '_Z'), '_T') as field,
        coalesce(release_date, cast(left(retrieved_at, 10) as date)) as vintage
    from {{ source('oecd', 'patent_count') }}
    where
        partner_area in ('_T', '_Z')
        and cooperation_type in ('_T', '_Z')
        and oecd_technology in ('_T', '_Z')
    qualify row_number() over (
        partition by
            patent_authorities, measure, unit, date_type, ref_area, agent_role, field, freq,
            time_period, vintage
        order by
            partner_area asc, cooperation_type asc, oecd_technology asc, wipo_technology asc,
            retrieved_at desc
    ) = 1
)

select
    concat_ws(
        '.', 'OECD', patent_authorities, measure, unit, date_type, agent_role, field
    ) as indicator_id,
    series_name as indicator_name,
    coalesce(a.ref_area, c.ref_area) as ref_area,
    coalesce(a.name, c.ref_area_name) as ref_area_name,
    case when unit like 'PT%' then 'PT' else 'NUMBER' end as unit_measure,
    {{ primary_observation(
        'oecd',
        value='obs_value * pow(10, unit_mult)',
        unit_as_published='unit',
        release_id="'oecd-patents-' || strftime(vintage, '%Y-%m-%d')",
        vintage='vintage',
    ) }}
from counted as c
left join {{ ref('sdmx_areas') }} as a on a.source_id = 'oecd' and c.ref_area = a.code
