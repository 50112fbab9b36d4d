-- One row per economy or aggregate and year: filings, families and royalties, by people and by
-- product, and where an economy stands. Groups of economies have values and no ranks.
with families as (
    select
        ref_area,
        time_period,
        {% for name, indicator_id in [
            ('pct_applications_inventor', 'OECD.9P50_1.AP.PATN.PRIORITY.INVENTOR'),
            ('pct_applications_applicant', 'OECD.9P50_1.AP.PATN.PRIORITY.APPLICANT'),
            ('ip5_families_inventor', 'OECD.9P50_3.PF.PATN_FM.PRIORITY.INVENTOR'),
            ('ip5_families_applicant', 'OECD.9P50_3.PF.PATN_FM.PRIORITY.APPLICANT'),
            ('triadic_families_inventor', 'OECD.9P50_2.PF.PATN_FM.PRIORITY.INVENTOR'),
            ('epo_applications', 'EUROSTAT.PAT_EP_NTOT.NR'),
        ] %}
            max(obs_value) filter (where indicator_id = '{{ indicator_id }}') as {{ name }},
        {% endfor %}
        max(vintage) as newest_vintage
    from {{ ref('fct_observation_latest') }}
    where source_id in ('oecd', 'eurostat') and freq = 'A' and obs_value is not null
    group by ref_area, time_period
),

joined as (
    select
        coalesce(w.ref_area, f.ref_area) as ref_area,
        coalesce(w.time_period, f.time_period) as time_period,
        w.* exclude (
            ref_area, ref_area_name, is_aggregate, region, income_level, time_period, gdp_lcu,
            exchange_rate_lcu_per_usd, resident_patents_per_million,
            resident_patents_per_billion_usd_gdp, resident_share_of_patent_applications,
            newest_vintage
        ),
        f.* exclude (ref_area, time_period, newest_vintage),
        greatest(w.newest_vintage, f.newest_vintage) as newest_vintage
    from {{ ref('mart_country_ip_activity') }} as w
    full outer join families as f
        on w.ref_area = f.ref_area and w.time_period = f.time_period
),

peers as (
    select
        ref_area,
        string_agg(peer_group, ';' order by peer_group) as peer_groups
    from {{ ref('peer_groups') }}
    group by ref_area
),

measured as (
    select
        j.*,
        a.name_en as ref_area_name,
        a.is_aggregate,
        a.region,
        a.income_level,
        g.peer_groups,
        j.patent_applications_residents + j.patent_applications_nonresidents
            as patent_applications_at_office,
        {% for name, amount, scale, base in [
            ('resident_patents_per_million', 'patent_applications_residents', '1e6', 'population'),
            ('resident_patents_per_billion_usd', 'patent_applications_residents', '1e9', 'gdp_usd'),
            ('resident_trademarks_per_million', 'trademark_applications_residents', '1e6',
             'population'),
            ('resident_designs_per_million', 'design_applications_residents', '1e6', 'population'),
            ('ip5_families_per_million', 'ip5_families_inventor', '1e6', 'population'),
            ('pct_applications_per_million', 'pct_applications_inventor', '1e6', 'population'),
            ('royalty_receipts_pct_gdp', 'royalty_receipts_usd', '100', 'gdp_usd'),
            ('royalty_payments_pct_gdp', 'royalty_payments_usd', '100', 'gdp_usd'),
        ] %}
            j.{{ amount }} * {{ scale }} / nullif(j.{{ base }}, 0) as {{ name }},
        {% endfor %}
        j.royalty_receipts_usd - j.royalty_payments_usd as royalty_balance_usd
    from joined as j
    left join {{ ref('dim_ref_area') }} as a on j.ref_area = a.ref_area
    left join peers as g on j.ref_area = g.ref_area
),

ranked as (
    select
        ref_area,
        time_period,
        {% for name in [
            'resident_patents_per_million',
            'resident_patents_per_billion_usd',
            'ip5_families_per_million',
            'royalty_receipts_pct_gdp',
        ] %}
            case
                when {{ name }} is not null
                    then rank() over (partition by time_period order by {{ name }} desc nulls last)
            end as {{ name }}_rank,
            count({{ name }}) over (partition by time_period) as {{ name }}_ranked,
            median({{ name }}) over (partition by time_period, income_level)
                as {{ name }}_income_median,
        {% endfor %}
        count(*) over (partition by time_period) as economies
    from measured
    where is_aggregate = false
)

select
    m.ref_area,
    m.ref_area_name,
    m.is_aggregate,
    m.region,
    m.income_level,
    m.peer_groups,
    m.time_period,
    m.* exclude (
        ref_area, ref_area_name, is_aggregate, region, income_level, peer_groups, time_period,
        newest_vintage
    ),
    r.* exclude (ref_area, time_period),
    m.newest_vintage
from measured as m
left join ranked as r on m.ref_area = r.ref_area and m.time_period = r.time_period
