{#-
    One row per indicator, area and period: the figure to use where one is asked for.

    The rule: a published value before a derived one, before a stand-in, before a gap. The newest
    publication decides what the value is; among the publications that agree with it within their
    rounding, the most precise is taken, then the best trusted, then the newest. So a later, coarser
    quotation (12.7) does not displace the bulletin's 12.71, and a real revision does.
    `condition` limits what is looked at, for instance to what was published by a date.
-#}
{% macro preferred_observation(relation, condition='true') %}
    select * exclude (precision_width, newest_low, newest_high, newest_class, newest_is_null, class)
    from (
        select
            *,
            first_value(coalesce(value_low, '-infinity'::double)) over newest as newest_low,
            first_value(coalesce(value_high, 'infinity'::double)) over newest as newest_high,
            first_value(obs_value is null) over newest as newest_is_null,
            first_value(class) over newest as newest_class
        from (
            select
                *,
                {{ observation_class() }} as class,
                {{ precision_width() }} as precision_width
            from {{ relation }}
            where {{ condition }}
        )
        window newest as (
            partition by indicator_id, ref_area, time_period
            order by class, vintage desc, precision_width, trust_rank, retrieved_at desc, release_id
        )
    )
    where
        class = newest_class
        and (obs_value is null) = newest_is_null
        and coalesce(value_low, '-infinity'::double) <= newest_high
        and coalesce(value_high, 'infinity'::double) >= newest_low
    qualify row_number() over (
        partition by indicator_id, ref_area, time_period
        order by precision_width, trust_rank, vintage desc, retrieved_at desc, release_id
    ) = 1
{% endmacro %}

{#- 0 published, 1 derived, 2 stand-in, 3 a gap that a search established. -#}
{% macro observation_class() -%}
    case
        when trust = 'review' then 3
        when is_proxy then 2
        when is_derived then 1
        else 0
    end
{%- endmacro %}

{#- Width of what the printed figure can stand for; no bound, no precision. -#}
{% macro precision_width() -%}
    coalesce(value_high - value_low, 'infinity'::double)
{%- endmacro %}
