{{ config(schema='withheld') }}
-- One row per measure, area, origin group, field and year: how many patents, from WIPO's exports
-- (the newest release of each cell) and from the landed patent records. Field 0: no field is known.
-- WIPO's own counts may not be shown (value_may_be_shown); what is counted here may.
with wipo as (
    select
        'wipo_ipstats' as source_id,
        'WIPO.' || indicator_code as measure_id,
        indicator_name as measure,
        counted_by,
        lower(coalesce(origin_group, 'all')) as origin_group,
        case counted_by when 'office' then office_area else origin_area end as ref_area,
        technology_number as field_number,
        time_period,
        obs_value as patents,
        release_date as vintage
    from {{ ref('stg_wipo_ipstats__cell') }}
    where counted_by in ('office', 'origin') and technology_number is not null
    qualify row_number() over (
        partition by indicator_code, counted_by, origin_group, ref_area, field_number, time_period
        order by release_date desc, retrieved_at desc
    ) = 1
),

-- A patent is an application; where a record has no application number, its publication.
symbol as (
    select distinct
        office,
        coalesce(application_number, publication_number) as patent,
        ipc_symbol
    from {{ ref('stg_patent_register__ipc_assignment') }}
    where not is_simulated
),

classified as (
    select distinct
        symbol.office,
        symbol.patent,
        technology.field_number
    from symbol
    inner join {{ ref('int_ipc__technology') }} as technology
        on symbol.ipc_symbol = technology.ipc_symbol
),

owner as (
    select
        office,
        coalesce(application_number, publication_number) as patent,
        arg_min(owner_country, (seq, raw_row)) as country
    from {{ ref('stg_patent_register__patent_owner') }}
    where not is_simulated and owner_country is not null and valid_from is null
    group by all
),

patent as (
    select
        office,
        coalesce(application_number, publication_number) as patent,
        year(min(filing_date)) as filed
    from {{ ref('stg_patent_register__patent') }}
    where not is_simulated and ip_type = 'invention' and filing_date is not null
    group by all
),

-- WIPO's way: a patent of two fields is half of each.
weighted as (
    select
        p.office,
        o.country,
        p.filed,
        coalesce(c.field_number, 0) as field_number,
        1.0 / count(*) over (partition by p.office, p.patent) as weight
    from patent as p
    left join classified as c on p.office = c.office and p.patent = c.patent
    left join owner as o on p.office = o.office and p.patent = o.patent
),

register as (
    {% for counted_by, code in [('office', 'office'), ('origin', 'country')] %}
        select
            'patent_register' as source_id,
            'REGISTER.FILINGS' as measure_id,
            'Inventions filed, of the landed records' as measure,
            '{{ counted_by }}' as counted_by,
            'all' as origin_group,
            coalesce(w.ref_area, i.alpha_3, r.{{ code }}) as ref_area,
            r.field_number,
            cast(r.filed as varchar) as time_period,
            sum(r.weight order by r.weight) as patents,
            cast(null as date) as vintage
        from weighted as r
        left join {{ ref('wipo_areas') }} as w on r.{{ code }} = w.wipo_code
        left join {{ ref('iso_3166_1') }} as i on r.{{ code }} = i.alpha_2
        where r.{{ code }} is not null
        group by all
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    *,
    false as value_may_be_shown
from wipo
union all by name
select
    *,
    true as value_may_be_shown
from register
