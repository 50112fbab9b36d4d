-- One row per economy and year: charges for the use of intellectual property, both directions.
-- Yuan are dollars times the year's average rate of the yuan; China's official yuan total, from its
-- balance of payments month by month, stands beside with the difference, and is not the same thing;
-- so does the sum of SAFE's months, which is what that total should be.
with flows as (
    select
        ref_area,
        time_period,
        royalty_receipts_usd,
        royalty_payments_usd,
        newest_vintage
    from {{ ref('mart_country_ip_activity') }}
    where royalty_receipts_usd is not null or royalty_payments_usd is not null
),

yuan as (
    select
        time_period,
        exchange_rate_lcu_per_usd as cny_per_usd
    from {{ ref('mart_country_ip_activity') }}
    where ref_area = 'CHN'
),

official as (
    select
        ref_area,
        time_period,
        obs_value,
        release_id,
        vintage
    from {{ ref('fct_observation_latest') }}
    where
        indicator_id = 'ip_royalties_trade_total'
        and freq = 'A'
        and obs_value is not null
        and not is_derived
        and not is_proxy
),

joined as (
    select
        coalesce(f.ref_area, o.ref_area, s.ref_area) as ref_area,
        coalesce(f.time_period, o.time_period, s.time_period) as time_period,
        f.royalty_receipts_usd as receipts_usd,
        f.royalty_payments_usd as payments_usd,
        f.newest_vintage as usd_vintage,
        o.obs_value as official_total_cny,
        o.release_id as official_release_id,
        s.months as safe_months,
        s.receipts_cny as safe_receipts_cny,
        s.payments_cny as safe_payments_cny,
        s.total_cny as safe_total_cny,
        s.newest_vintage as safe_vintage
    from flows as f
    full outer join official as o on f.ref_area = o.ref_area and f.time_period = o.time_period
    full outer join {{ ref('int_royalty__safe_year') }} as s
        on
            coalesce(f.ref_area, o.ref_area) = s.ref_area
            and coalesce(f.time_period, o.time_period) = s.time_period
)

select
    j.ref_area,
    a.name_en as ref_area_name,
    a.is_aggregate,
    j.time_period,
    j.receipts_usd,
    j.payments_usd,
    j.receipts_usd - j.payments_usd as balance_usd,
    j.receipts_usd + j.payments_usd as total_usd,
    y.cny_per_usd,
    j.receipts_usd * y.cny_per_usd as receipts_cny,
    j.payments_usd * y.cny_per_usd as payments_cny,
    (j.receipts_usd - j.payments_usd) * y.cny_per_usd as balance_cny,
    (j.receipts_usd + j.payments_usd) * y.cny_per_usd as total_cny,
    j.official_total_cny,
    (j.receipts_usd + j.payments_usd) * y.cny_per_usd - j.official_total_cny as difference_cny,
    (j.receipts_usd + j.payments_usd) * y.cny_per_usd / j.official_total_cny - 1
        as difference_ratio,
    j.safe_months,
    j.safe_receipts_cny,
    j.safe_payments_cny,
    j.safe_total_cny,
    j.safe_total_cny - j.official_total_cny as safe_difference_cny,
    (j.receipts_usd + j.payments_usd) * y.cny_per_usd / j.safe_total_cny - 1
        as usd_to_safe_difference_ratio,
    j.usd_vintage,
    j.official_release_id,
    j.safe_vintage
from joined as j
left join yuan as y on j.time_period = y.time_period
left join {{ ref('dim_ref_area') }} as a on j.ref_area = a.ref_area
