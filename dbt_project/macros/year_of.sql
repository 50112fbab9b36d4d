{#- The calendar year of an annual SDMX period, NULL for any other period. -#}
{% macro year_of(period) -%}
    case when regexp_full_match({{ period }}, '[0-9]{4}') then cast({{ period }} as integer) end
{%- endmacro %}

{#- The last day of an SDMX year, half-year, quarter, month, day or span (…/P5Y). -#}
{% macro period_end(period) -%}
    case
        when regexp_full_match({{ period }}, '[0-9]{4}')
            then make_date(cast({{ period }} as integer), 12, 31)
        when regexp_full_match({{ period }}, '[0-9]{4}-S[12]') then last_day(make_date(
            cast({{ period }}[:4] as integer), 6 * cast({{ period }}[7:] as integer), 1
        ))
        when regexp_full_match({{ period }}, '[0-9]{4}-Q[1-4]') then last_day(make_date(
            cast({{ period }}[:4] as integer), 3 * cast({{ period }}[7:] as integer), 1
        ))
        when regexp_full_match({{ period }}, '[0-9]{4}-[0-9]{2}')
            then last_day(cast({{ period }} || '-01' as date))
        when regexp_full_match({{ period }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
            then try_cast({{ period }} as date)
        when regexp_full_match({{ period }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}/P[0-9]+[YM]')
            then cast(try_cast({{ period }}[:10] as date) + to_months(
                cast({{ period }}[13:-2] as integer)
                * case when {{ period }} like '%Y' then 12 else 1 end
            ) - interval 1 day as date)
    end
{%- endmacro %}

{#- Whether a value may still have grown after it was published: a count or an amount of a period
    that was not over by then. Ranks and scores are given once. -#}
{% macro is_open(period, vintage, unit_measure) -%}
    coalesce(
        {{ unit_measure }} in ('NUMBER', 'PERSONS', 'CNY', 'USD')
        and {{ vintage }} < {{ period_end(period) }},
        false
    )
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
