{#-
    Landed cells of a source of tables by province, in the shape of all observations. Countries
    stand by their alpha-2 code in the landed rows, by alpha-3 here. A copy of a publication whose
    own table has landed too has that one's day: it is no newer.
-#}
{% macro regional_observation(source_id) -%}
with dated as (
    select
        *,
        max(vintage) filter (where trust = 'primary') over publication as own_day,
        arg_max(vintage_precision, vintage) filter (where trust = 'primary') over publication
            as own_precision
    from {{ source(source_id, 'observation') }}
    window publication as (partition by year(vintage))
)

select
    o.indicator_id,
    o.indicator_name,
    o.definition,
    coalesce(iso.alpha_3, o.ref_area) as ref_area,
    o.ref_area_name,
    o.freq,
    o.time_period,
    o.obs_value,
    o.obs_value as value_low,
    o.obs_value as value_high,
    o.unit_measure,
    o.obs_status,
    o.value_as_published,
    o.unit_as_published,
    cast(null as varchar) as qualifier,
    case when o.trust = 'primary' then o.vintage else coalesce(o.own_day, o.vintage) end as vintage,
    case
        when o.trust = 'primary' then o.vintage_precision
        else coalesce(o.own_precision, o.vintage_precision)
    end as vintage_precision,
    '{{ source_id }}' as source_id,
    o.release_id,
    o.release_title,
    o.trust,
    false as is_derived,
    false as is_proxy,
    cast(null as varchar) as correction_reason,
    concat_ws(', ', 'sheet ' || o.sheet, 'cell ' || o.cell) as place,
    coalesce(o.note, case when o.obs_status = 'M' then 'blank in the table' end) as note,
    o.raw_file,
    o.raw_sha256,
    o.raw_row,
    o.retrieved_at
from dated as o
left join {{ ref('iso_3166_1') }} as iso on o.ref_area = iso.alpha_2
{%- endmacro %}
