{#- The calendar year of an annual SDMX period, NULL for any other period. -#}
{% macro year_of(period) -%}
    case when regexp_full_match({{ period }}, '[0-9]{4}') then cast({{ period }} as integer) end
{%- endmacro %}

{#- Whether a value meets a target by its operator. -#}
{% macro meets(value, operator, target) -%}
    case {{ operator }}
        when 'ge' then {{ value }} >= {{ target }}
        when 'gt' then {{ value }} > {{ target }}
        when 'le' then {{ value }} <= {{ target }}
        when 'lt' then {{ value }} < {{ target }}
    end
{%- endmacro %}

{#- The day as of which plans are judged. -#}
{% macro evaluation_date() -%}
    date '{{ env_var("IPW_EVALUATION_DATE", "9999-12-31") }}'
{%- endmacro %}
