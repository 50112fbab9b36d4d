-- One row per dataset: what came in, what was kept out and why, how fresh it is, what is open.
with landed as (
    select
        source_id,
        table_name,
        sum(rows_in) filter (where outcome = 'landed') as rows_in,
        sum(rows_accepted) filter (where outcome = 'landed') as rows_accepted,
        sum(rows_quarantined) filter (where outcome = 'landed') as rows_quarantined,
        sum(rows_in) filter (where outcome = 'refused') as rows_refused,
        count(*) filter (where outcome = 'landed') as payloads_landed,
        count(*) filter (where outcome = 'refused') as payloads_refused,
        max(release_date) as newest_release_date,
        max(retrieved_at) filter (where outcome = 'landed') as last_retrieved_at
    from {{ ref('stg_operations__landing') }}
    group by all
),

checks as (
    select
        source_id,
        table_name,
        map_from_entries(list((name, times) order by name)) as by_check
    from (
        select
            source_id,
            table_name,
            "check" as name,
            count(*) as times
        from {{ ref('stg_operations__quarantine') }}
        group by all
    )
    group by all
),

findings as (
    select
        dataset,
        count(*) filter (where severity = 'error' and status = 'open') as open_errors,
        count(*) filter (where severity = 'warning' and status = 'open') as open_warnings,
        count(*) filter (where severity = 'info' and status = 'open') as open_infos,
        count(*) filter (where status = 'explained') as explained_findings
    from {{ ref('fct_finding') }}
    group by all
)

select
    d.source_id || '.' || d.table_name as dataset,
    d.source_id,
    d.table_name,
    d.publisher,
    d.licence,
    d.attribution,
    d.cadence,
    cast(coalesce(l.rows_in, 0) as bigint) as rows_in,
    cast(coalesce(l.rows_accepted, 0) as bigint) as rows_accepted,
    cast(coalesce(l.rows_quarantined, 0) as bigint) as rows_quarantined,
    cast(coalesce(l.rows_refused, 0) as bigint) as rows_refused,
    to_json(c.by_check) as quarantined_by_check,
    coalesce(l.payloads_landed, 0) as payloads_landed,
    coalesce(l.payloads_refused, 0) as payloads_refused,
    l.newest_release_date,
    l.last_retrieved_at,
    d.last_attempt,
    d.last_success,
    case
        when coalesce(l.payloads_landed, 0) = 0 then 'never'
        -- Looking at old bytes again makes them no fresher: the release's own date counts first.
        when
            coalesce(l.newest_release_date, d.last_success) + cast(d.late_after_days as integer)
            < {{ evaluation_date() }}
            then 'late'
        else 'fresh'
    end as freshness,
    coalesce(f.open_errors, 0) as open_errors,
    coalesce(f.open_warnings, 0) as open_warnings,
    coalesce(f.open_infos, 0) as open_infos,
    coalesce(f.explained_findings, 0) as explained_findings
from {{ ref('stg_operations__dataset') }} as d
left join landed as l on d.source_id = l.source_id and d.table_name = l.table_name
left join checks as c on d.source_id = c.source_id and d.table_name = c.table_name
left join findings as f on d.source_id || '.' || d.table_name = f.dataset
