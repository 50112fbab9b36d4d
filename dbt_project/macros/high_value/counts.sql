{#-
    Counting patents. A cell is a set of patents in force that meet the same conditions: its mask is the
    sum of the conditions' bits (condition_names). Stream `certain`: rights surely in force by the
    conditions they surely meet; stream `possible`: rights that may be in force by the conditions they
    may meet. All counts of the marts are sums of cells, so they agree with each other. Not here: when a
    condition holds (conditions.sql).
-#}

{#-
    Cells at year-ends: office, ref_area, time_period (year), stream, mask, patents.

    Each patent enters a cell once for each change and leaves it once: counts are running sums over
    these movements. A day falls to the first year-end on or after it.
-#}
{% macro cells_at_year_ends(register) %}
    with kind as (
        -- Patents alike in all years that matter, counted: some hundred times fewer than patents. The
        -- years of the conditions are one number, each a byte: how far into the stay it is met.
        select
            office,
            residence,
            is_certain,
            {%- for stream in ['certain', 'possible'] %}
            (
                {%- for name in condition_names() %}
                {{ '+ ' if not loop.first -}}
                (least(greatest(year({{ name }}_{{ stream }}), year(from_date)), year(until_date))
                - year(from_date)) * {{ 256 ** loop.index0 }}
                {%- endfor %}
            ) as {{ stream }}_years,
            {%- endfor %}
            year(from_date) as from_year,
            year(until_date) as until_year,
            count(*) as patents
        from ({{ condition_days(
            register, of_register(register, 'int_high_value__period'), ref('int_rule__default')
        ) }})
        where year(from_date) < year(until_date)
        group by all
    ),

    in_stream as (
        select
            office,
            residence,
            'certain' as stream,
            {{ years_of('certain_years', 'from_year') }} as years,
            from_year,
            until_year,
            patents
        from kind
        where is_certain

        union all

        select
            office,
            residence,
            'possible' as stream,
            {{ years_of('possible_years', 'from_year') }} as years,
            from_year,
            until_year,
            patents
        from kind
    ),

    stay as (
        -- From one change of conditions to the next.
        select
            office,
            residence,
            stream,
            years,
            patents,
            unnest(list_zip(changes, changes[2:] || [until_year])) as stay
        from (
            select
                *,
                list_sort(list_distinct(list_filter(
                    [from_year] || years,
                    lambda y: y < until_year
                ))) as changes
            from in_stream
        )
    ),

    placed as (
        select
            office,
            residence,
            stream,
            stay[1] as from_year,
            stay[2] as until_year,
            (
                {%- for name in condition_names() %}
                {{ '+ ' if not loop.first -}}
                case when years[{{ loop.index }}] <= stay[1] then {{ 2 ** loop.index0 }} else 0 end
                {%- endfor %}
            ) as mask,
            patents
        from stay
    ),

    movement as (
        select
            office,
            residence,
            stream,
            mask,
            from_year as year,
            sum(patents) as patents
        from placed
        group by all

        union all

        select
            office,
            residence,
            stream,
            mask,
            until_year as year,
            -sum(patents) as patents
        from placed
        group by all
    )

    {{ running_sums('movement', ['office', 'stream', 'mask'], ['patents']) }}
{% endmacro %}

{#-
    Movements (office, residence, other keys, year, values) as running sums at year-ends up to the
    evaluation date: the keys, ref_area, time_period and the values, also of years without a movement.
-#}
{% macro running_sums(movement, keys, values) -%}
    select
        {%- for key in keys %}
        series.{{ key }},
        {%- endfor %}
        series.ref_area,
        cast(series.year as varchar) as time_period
        {%- for value in values %},
        cast(sum(coalesce(moved.{{ value }}, 0)) over years as bigint) as {{ value }}
        {%- endfor %}
    from (
        select
            seen.*,
            unnest(range(seen.first_year, year({{ evaluation_date() }} + 1))) as year
        from (
            select
                {{ keys | join(', ') }},
                ref_area,
                (select min(year) from {{ movement }}) as first_year
            from ({{ in_areas(movement) }})
            group by all
        ) as seen
    ) as series
    left join (
        select
            {{ keys | join(', ') }},
            ref_area,
            year
            {%- for value in values %},
            sum({{ value }}) as {{ value }}
            {%- endfor %}
        from ({{ in_areas(movement) }})
        group by {{ keys | join(', ') }}, ref_area, year
    ) as moved
        on
            series.ref_area = moved.ref_area
            and series.year = moved.year
            {%- for key in keys %}
            and series.{{ key }} = moved.{{ key }}
            {%- endfor %}
    window years as (
        partition by {% for key in keys %}series.{{ key }}, {% endfor %}series.ref_area
        order by series.year
    )
{%- endmacro %}

{#- The years of the conditions, of a number whose bytes count them from a first year. -#}
{% macro years_of(packed, first) -%}
    [
        {%- for name in condition_names() %}
        {{ first }} + ({{ packed }} >> {{ 8 * loop.index0 }} & 255){{ ',' if not loop.last }}
        {%- endfor %}
    ]
{%- endmacro %}

{#-
    Cells on given days under given parameters, by looking at every patent: as above, with parameter_set
    and day. parameters: rows of int_rule__parameter_set with a column `day`.
-#}
{% macro cells_on(register, parameters) %}
    with kind as (
        select
            parameter_set,
            day,
            office,
            residence,
            is_certain,
            {%- for stream in ['certain', 'possible'] %}
            (
                {%- for name in condition_names() %}
                {{ '+ ' if not loop.first -}}
                case when {{ name }}_{{ stream }} <= day then {{ 2 ** loop.index0 }} else 0 end
                {%- endfor %}
            ) as {{ stream }}_mask,
            {%- endfor %}
            count(*) as patents
        from ({{ condition_days(
            register, of_register(register, 'int_high_value__period'), parameters, on_day=true
        ) }})
        where from_date <= day and until_date > day
        group by all
    ),

    in_stream as (
        select
            parameter_set,
            day,
            office,
            residence,
            'certain' as stream,
            certain_mask as mask,
            patents
        from kind
        where is_certain

        union all

        select
            parameter_set,
            day,
            office,
            residence,
            'possible' as stream,
            possible_mask as mask,
            patents
        from kind
    )

    select
        parameter_set,
        day,
        office,
        ref_area,
        stream,
        cast(mask as integer) as mask,
        cast(sum(patents) as bigint) as patents
    from ({{ in_areas('in_stream') }})
    group by all
{% endmacro %}

{#- Rows once for each area in whose count their residence is; the world's takes those of none too. -#}
{% macro in_areas(relation) -%}
    select
        counted.*,
        area.ref_area
    from {{ relation }} as counted
    inner join {{ ref('int_register__area') }} as area on counted.residence = area.residence

    union all

    select
        counted.*,
        'WLD' as ref_area
    from {{ relation }} as counted
{%- endmacro %}

{#-
    What a rule makes of cells; `rule_mask` is its mask. valid: surely in force; lower: surely
    high-value too; upper: those that may be in force and may be high-value; gross: surely in force and
    surely meeting a condition; gross_upper: with those that may be and may; unique: meeting no other one for sure. A condition that the rule lacks
    has no counts.
-#}
{% macro stock_columns(rule_mask) -%}
    {{ patents_in("cell.stream = 'certain'") }} as valid_inventions,
    {{ patents_in("cell.stream = 'possible'") }} as valid_inventions_upper,
    {{ patents_in("cell.stream = 'certain' and cell.mask & " ~ rule_mask ~ " <> 0") }}
        as high_value_lower,
    {{ patents_in("cell.stream = 'possible' and cell.mask & " ~ rule_mask ~ " <> 0") }}
        as high_value_upper
    {%- for name in condition_names() %}
    {%- set bit = 2 ** loop.index0 %},
    case
        when any_value({{ rule_mask }}) & {{ bit }} <> 0
            then {{ patents_in("cell.stream = 'certain' and cell.mask & " ~ bit ~ " <> 0") }}
    end as {{ name }}_gross,
    case
        when any_value({{ rule_mask }}) & {{ bit }} <> 0
            then {{ patents_in("cell.stream = 'possible' and cell.mask & " ~ bit ~ " <> 0") }}
    end as {{ name }}_gross_upper,
    case
        when any_value({{ rule_mask }}) & {{ bit }} <> 0
            then {{ patents_in(
                "cell.stream = 'certain' and cell.mask & " ~ rule_mask ~ " = " ~ bit
            ) }}
    end as {{ name }}_unique
    {%- endfor %}
{%- endmacro %}

{% macro patents_in(cells) -%}
    cast(coalesce(sum(cell.patents) filter (where {{ cells }}), 0) as bigint)
{%- endmacro %}
