-- One row per contradiction between records of one patent, which no contract of a single table can see:
-- events of before the filing, and documents that differ in a date (the earliest counts).
select
    'patent_register.legal_event' as dataset,
    event.raw_file as file,
    event.raw_row as row,
    'event_before_filing' as rule,
    'error' as severity,
    'not before ' || patent.filing_date as expected,
    event.event_code || ' of ' || event.event_date as found,
    patent.patent_id || ': event ' || event.event_code || ' of ' || event.event_date
    || ' is of before the filing on ' || patent.filing_date as message,
    'open' as status
from ({{ register_keyed('patent_register', 'legal_event') }}) as event
inner join {{ ref('int_register__patent') }} as patent on event.patent_key = patent.patent_key
where event.event_date < patent.filing_date

union all by name

select
    'patent_register.patent' as dataset,
    'documents_differ' as rule,
    'warning' as severity,
    'one day of filing and one of grant' as expected,
    'several' as found,
    patent_id || ': its documents differ in the day of filing or of grant; the earliest counts'
        as message,
    'open' as status
from {{ ref('int_register__patent') }}
where dates_differ
