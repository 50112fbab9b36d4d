-- One row per year of SAFE's monthly yuan figures, from the newest release of each month. A year
-- has totals only when all twelve months of both flows are known: nothing is extrapolated.
with flow as (
    select
        ref_area,
        left(time_period, 4) as time_period,
        regexp_extract(indicator_id, '(CREDIT|DEBIT)', 1) as flow,
        obs_value,
        vintage
    from {{ ref('fct_observation_latest') }}
    where
        indicator_id in ('SAFE.ROYALTIES.CREDIT.CNY', 'SAFE.ROYALTIES.DEBIT.CNY')
        and freq = 'M'
        and obs_value is not null
),

counted as (
    select
        ref_area,
        time_period,
        count(*) filter (where flow = 'CREDIT') as credit_months,
        count(*) filter (where flow = 'DEBIT') as debit_months,
        sum(obs_value order by obs_value) filter (where flow = 'CREDIT') as credit_cny,
        sum(abs(obs_value) order by obs_value) filter (where flow = 'DEBIT') as debit_cny,
        max(vintage) as newest_vintage
    from flow
    group by ref_area, time_period
)

select
    ref_area,
    time_period,
    least(credit_months, debit_months) as months,
    case when credit_months = 12 then credit_cny end as receipts_cny,
    case when debit_months = 12 then debit_cny end as payments_cny,
    case when credit_months = 12 and debit_months = 12 then credit_cny + debit_cny end as total_cny,
    newest_vintage
from counted
