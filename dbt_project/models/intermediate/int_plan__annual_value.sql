-- One row per indicator, area and year: the official annual value known on the evaluation date.
-- Derived figures, stand-ins and what may not be shown are no official values; a hedged one ("more
-- than") is a bound only.
with preferred as (
    {{ preferred_observation(
        ref('int_observation__unioned'),
        "freq = 'A' and obs_value is not null and not is_derived and not is_proxy"
        ~ " and may_publish and qualifier is null and vintage <= " ~ evaluation_date()
    ) }}
)

select
    *,
    {{ year_of('time_period') }} as time_year
from preferred
