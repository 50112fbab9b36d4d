-- One row per area and year-end: the residents that a figure per 10,000 of that day divides by.
-- Within a year the office divides by the last year-end that is published, so a year-end's figure
-- goes with the population of the year before: of the vintages known on that day the newest, else
-- the first one after it.
select
    ref_area,
    cast(cast(time_period as integer) + 1 as varchar) as time_period,
    obs_value as population,
    time_period as population_period,
    vintage as population_vintage,
    release_id as population_release_id
from {{ ref('fct_observation') }}
where
    indicator_id in ('population_mainland', 'population_by_province')
    and freq = 'A'
    and obs_value is not null
    and not is_proxy
qualify row_number() over (
    partition by ref_area, time_period
    order by
        is_derived,
        vintage > make_date(cast(time_period as integer) + 1, 12, 31),
        case
            when vintage > make_date(cast(time_period as integer) + 1, 12, 31)
                then vintage - date '1970-01-01'
            else date '1970-01-01' - vintage
        end
) = 1
