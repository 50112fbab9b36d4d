-- One row per measure and period: the simulated register's share of its valid inventions beside the
-- published share. It shows how near the simulation is; no count of it is a fact.
with official as ({{ official_figures() }}),

counted as ({{ register_on_official_days('simulated_register') }})

select
    official.measure,
    official.time_period,
    official.obs_value / valid.obs_value as official_share,
    counted.lower / simulated_valid.lower as simulated_share_lower,
    counted.upper / simulated_valid.upper as simulated_share_upper,
    official.release_id as official_release_id,
    true as is_simulated
from official
inner join official as valid
    on official.day = valid.day and valid.measure = 'valid_inventions'
inner join counted
    on
        official.day = counted.day
        and official.measure = counted.measure
        and counted.rule_version = 'v2021_five'
inner join counted as simulated_valid
    on
        official.day = simulated_valid.day
        and simulated_valid.measure = 'valid_inventions'
        and simulated_valid.rule_version = 'v2021_five'
where official.measure <> 'valid_inventions' and official.obs_value is not null
