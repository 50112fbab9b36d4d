{#-
    The columns that all fetched or dropped observations share: a primary source gives its own value.
    Columns of the relation that it uses: release_date or `vintage`, value, and the landing's own.
-#}
{% macro primary_observation(source_id, value, unit_as_published, release_id, vintage='release_date',
                             precision='day', place='cast(null as varchar)',
                             note='cast(null as varchar)') -%}
    freq,
    time_period,
    {{ value }} as obs_value,
    {{ value }} as value_low,
    {{ value }} as value_high,
    obs_status,
    value_as_published,
    {{ unit_as_published }} as unit_as_published,
    cast(null as varchar) as qualifier,
    {{ vintage }} as vintage,
    '{{ precision }}' as vintage_precision,
    '{{ source_id }}' as source_id,
    {{ release_id }} as release_id,
    'primary' as trust,
    false as is_derived,
    false as is_proxy,
    cast(null as varchar) as correction_reason,
    {{ place }} as place,
    {{ note }} as note,
    raw_file,
    raw_sha256,
    raw_row,
    retrieved_at
{%- endmacro %}
