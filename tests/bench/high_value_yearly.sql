-- Contestant (b): facts of each patent joined by its application's number, then every year-end asked
-- of every patent. What the simulated register never has is left out, in its favour: records that
-- name a publication alone, owners of a time, the office's own flags.

create temp table symbol as
with pattern as (
    select
        sei_code,
        rule_no,
        is_keyword_limited,
        is_exclusion,
        unnest(string_split(patterns, ';')) as pattern
    from (
        select sei_code, rule_no, is_keyword_limited, false as is_exclusion, ipc_include as patterns
        from read_csv(getvariable('seeds') || '/sei_ipc_rules.csv')
        union all
        select sei_code, rule_no, is_keyword_limited, true, ipc_exclude
        from read_csv(getvariable('seeds') || '/sei_ipc_rules.csv')
        where ipc_exclude is not null
    )
),

symbol as (
    select distinct ipc_symbol
    from read_parquet(getvariable('landed') || '/ipc_assignment/*.parquet')
),

rule as (
    select
        ipc_symbol,
        is_keyword_limited
    from symbol
    inner join pattern
        on case
            when pattern like '%*'
                then rtrim(pattern, '*')
                in (ipc_symbol[:3], ipc_symbol[:4], split_part(ipc_symbol, '/', 1))
            else ipc_symbol in (pattern, pattern || '/00')
        end
    group by ipc_symbol, sei_code, rule_no, is_keyword_limited
    having not bool_or(is_exclusion)
)

select
    ipc_symbol,
    max(case when is_keyword_limited is null then 0 when is_keyword_limited then 1 else 2 end) as sei
from symbol
left join rule using (ipc_symbol)
group by ipc_symbol;

create temp table patent as
with document as (
    select
        application_number,
        min(filing_date) as filed,
        min(grant_date) as granted
    from read_parquet(getvariable('landed') || '/patent/*.parquet')
    where office = 'CN' and ip_type = 'invention'
    group by application_number
),

owner as (
    select
        application_number,
        arg_min(coalesce(owner_region, owner_country), seq) as residence
    from read_parquet(getvariable('landed') || '/patent_owner/*.parquet')
    group by application_number
),

classified as (
    select
        application_number,
        max(sei) as sei
    from read_parquet(getvariable('landed') || '/ipc_assignment/*.parquet')
    inner join symbol using (ipc_symbol)
    group by application_number
),

listed as (
    select
        application_number,
        bool_or(
            member_office not in ('CN', 'WO') and member_is_granted is not false
            and member_grant_date is null
        ) as maybe_abroad,
        min(member_grant_date) filter (
            where member_office not in ('CN', 'WO') and member_is_granted is not false
        ) as granted_abroad
    from read_parquet(getvariable('landed') || '/family_member/*.parquet')
    group by application_number
),

kin as (
    -- Members abroad that are documents themselves; one application's are not granted apart.
    select
        own.application_number,
        bool_or(abroad.granted is null) as maybe_abroad,
        min(abroad.granted) as granted_abroad
    from (
        select distinct application_number, adapter, family_id
        from read_parquet(getvariable('landed') || '/patent/*.parquet')
        where office = 'CN' and family_id is not null
    ) as own
    inner join (
        select adapter, family_id, office, publication_number, min(grant_date) as granted
        from read_parquet(getvariable('landed') || '/patent/*.parquet')
        where office not in ('CN', 'WO')
        group by all
    ) as abroad on own.adapter = abroad.adapter and own.family_id = abroad.family_id
    group by own.application_number
),

event as (
    select
        application_number,
        min(event_date) filter (
            where event_kind in ('fee_lapse', 'expiry', 'abandonment', 'revocation', 'invalidation')
        ) as first_end,
        list(event_date) filter (
            where event_kind in ('fee_lapse', 'expiry', 'abandonment', 'revocation', 'invalidation')
        ) as ends,
        list(event_date) filter (where event_kind = 'restoration') as restorations,
        list(event_date) filter (where event_kind = 'invalidation_unclear') as unclear,
        min(event_date) filter (where event_kind = 'grant') as granted,
        -- Transfers and pledges do not tell how the right itself fares.
        bool_or(event_kind in (
            'grant', 'fee_payment', 'fee_lapse', 'expiry', 'abandonment', 'revocation', 'invalidation',
            'partial_invalidation', 'invalidation_unclear', 'restoration', 'lapse_in_state'
        )) as is_followed
    from read_parquet(getvariable('landed') || '/legal_event/*.parquet')
    group by application_number
),

pledge as (
    select
        application_number,
        min(registration_date) as pledged
    from read_parquet(getvariable('landed') || '/pledge/*.parquet')
    group by application_number
),

award as (
    select
        application_number,
        min(coalesce(announced, make_date(award_year, 12, 31))) as awarded,
        min(coalesce(announced, make_date(award_year, 1, 1))) as perhaps_awarded
    from read_parquet(getvariable('landed') || '/award/*.parquet')
    where grade in (
        select grade from read_csv(getvariable('seeds') || '/award_grades.csv')
        where counts_for_invention
    )
    group by application_number
)

select
    owner.residence,
    coalesce(document.granted, event.granted) as granted,
    document.filed,
    cast(coalesce(document.filed, document.granted, event.granted) + interval 20 years as date)
        as term_end,
    cast(document.filed + interval 10 years as date) as tenth,
    event.first_end,
    case when event.restorations is not null or event.unclear is not null then event.ends end as ends,
    event.restorations,
    event.unclear,
    event.restorations is not null or event.unclear is not null as is_eventful,
    coalesce(event.is_followed, false) and document.filed is not null as is_told,
    coalesce(classified.sei, 1) as sei,
    least(listed.granted_abroad, kin.granted_abroad) as granted_abroad,
    listed.application_number is null
    or coalesce(listed.maybe_abroad, false)
    or coalesce(kin.maybe_abroad, false) as maybe_abroad,
    pledge.pledged,
    award.awarded,
    award.perhaps_awarded
from document
left join owner using (application_number)
left join classified using (application_number)
left join listed using (application_number)
left join kin using (application_number)
left join event using (application_number)
left join pledge using (application_number)
left join award using (application_number)
where coalesce(document.granted, event.granted) is not null;

create temp table residence_count as
select
    residence,
    year,
    count(*) filter (where is_certain) as valid_lower,
    count(*) as valid_upper,
    count(*) filter (
        where
            is_certain
            and (sei = 2 or granted_abroad <= day or tenth < day or awarded <= day)
    ) as high_value_lower,
    count(*) filter (
        where
            sei >= 1
            or maybe_abroad
            or granted_abroad <= day
            or coalesce(tenth < day, true)
            or pledged <= day
            or perhaps_awarded <= day
    ) as high_value_upper
from (
    select
        *,
        is_told
        and case
            when is_eventful
                then coalesce(
                    coalesce(list_max(list_filter(unclear, lambda d: d <= day)), date '0001-01-01')
                    <= list_max(list_filter(restorations, lambda d: d <= day)),
                    list_min(unclear) is null or list_min(unclear) > day
                )
            else true
        end as is_certain
    from patent
    cross join (
        select
            unnest(range(1985, year(getvariable('day')) + 1)) as year,
            make_date(unnest(range(1985, year(getvariable('day')) + 1)), 12, 31) as day
    )
    where
        granted <= day
        and day < term_end
        and case
            when is_eventful
                then coalesce(
                    list_max(list_filter(ends, lambda d: d <= day))
                    <= list_max(list_filter(restorations, lambda d: d <= day)),
                    list_min(ends) is null or list_min(ends) > day
                )
            else coalesce(first_end > day, true)
        end
)
group by residence, year;

create temp table counts as
select
    ref_area,
    cast(year as integer) as year,
    cast(sum(valid_lower) as bigint) as valid_lower,
    cast(sum(valid_upper) as bigint) as valid_upper,
    cast(sum(high_value_lower) as bigint) as high_value_lower,
    cast(sum(high_value_upper) as bigint) as high_value_upper
from (
    select
        *,
        unnest(case when residence = 'CN' then ['CHN'] else [residence, 'CHN'] end) as ref_area
    from residence_count
    where
        residence = 'CN'
        or residence like 'CN-__' and residence not in ('CN-HK', 'CN-MO', 'CN-TW')
)
group by all
order by ref_area, year;
