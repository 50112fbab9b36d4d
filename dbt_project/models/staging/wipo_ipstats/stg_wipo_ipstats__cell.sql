{{ config(schema='withheld') }}
-- One row per cell of a landed export: who counts (office), whose it is (origin), which field.
-- counted_by: the office, the origin, or office_and_origin where a cell is about both at once.
with areas as (
    select
        wipo_code,
        ref_area
    from {{ ref('wipo_areas') }}
    union all
    select
        alpha_2 as wipo_code,
        alpha_3 as ref_area
    from {{ ref('iso_3166_1') }}
    where alpha_2 not in (select wipo_code from {{ ref('wipo_areas') }})
),

named as (
    select
        c.*,
        coalesce(o.ref_area, c.office_code) as office_area,
        coalesce(g.ref_area, c.origin_code) as origin_area,
        case c.origin_name
            when 'Resident' then 'RESIDENT'
            when 'Non-Resident' then 'NONRESIDENT'
            when 'Total' then 'TOTAL'
        end as origin_group
    from {{ source('wipo_ipstats', 'observation') }} as c
    left join areas as o on c.office_code = o.wipo_code
    left join areas as g on c.origin_code = g.wipo_code
)

select
    * exclude (ip_right, origin_group),
    lower(ip_right) as ip_right,
    origin_group,
    case
        when origin_group is not null and office_area is not null then 'office'
        when office_name = 'Total' and origin_area is not null then 'origin'
        else 'office_and_origin'
    end as counted_by,
    regexp_replace(technology, '^[0-9]+ - ', '') as technology_name
from named
