-- One row per set of parameters: the default one, and for each alternative of a parameter the
-- default with that alternative.
with varied as (
    select
        parameter,
        unnest(string_split(alternatives, '|')) as value
    from {{ ref('rule_parameters') }}
    where alternatives is not null
),

choice as (
    select
        'default' as parameter_set,
        null as parameter,
        null as value,
        parameter as name,
        default_value as chosen
    from {{ ref('rule_parameters') }}

    union all

    select
        varied.parameter || '=' || varied.value as parameter_set,
        varied.parameter,
        varied.value,
        one.parameter as name,
        case when one.parameter = varied.parameter then varied.value else one.default_value end
            as chosen
    from varied
    cross join {{ ref('rule_parameters') }} as one
)

select
    parameter_set,
    parameter,
    value,
    max(chosen) filter (where name = 'maintenance_from') as maintenance_from,
    cast(max(chosen) filter (where name = 'maintenance_years') as integer) as maintenance_years,
    max(chosen) filter (where name = 'family_needs') as family_needs,
    cast(max(chosen) filter (where name = 'family_counts_hong_kong') as boolean)
        as family_counts_hong_kong,
    max(chosen) filter (where name = 'sei_symbols') as sei_symbols,
    max(chosen) filter (where name = 'sei_keyword_limited') as sei_keyword_limited,
    cast(max(chosen) filter (where name = 'pledge_min_amount') as double) as pledge_min_amount,
    max(chosen) filter (where name = 'pledge_mode') as pledge_mode,
    string_split(max(chosen) filter (where name = 'award_grades'), ';') as award_grades
from choice
group by parameter_set, parameter, value
