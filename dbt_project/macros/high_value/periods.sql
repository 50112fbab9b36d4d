{#-
    When a right is, or may be, in force, and where its owner lives: spans of days from from_date up to,
    not including, until_date. In force on a day: granted by it, no terminating event effective by it
    unless restored on that day or later, before the end of the term. Not here: the conditions.
-#}

{#-
    The spans of the few patents that have more than one: lives with a restoration or an invalidation
    of unclear extent, and owners of a time. Others have one, which is in the facts.
-#}
{% macro high_value_splits(register) %}
    with patent as (
        select
            patent_key,
            filing_date,
            grant_date,
            first_end,
            term_end,
            residence,
            ends_unclearly,
            moves
        from {{ of_register(register, 'int_high_value__patent') }}
        where grant_date is not null and (ends_unclearly or moves)
    ),

    event_day as (
        -- A restoration heals what ended on its day or before.
        select
            patent.patent_key,
            event.event_date,
            case
                when bool_or(event.event_kind = 'restoration') then false
                when bool_or(event.event_kind in {{ terminating_events() }}) then true
            end as ended,
            case
                when bool_or(event.event_kind = 'restoration') then false
                when bool_or(event.event_kind = 'invalidation_unclear') then true
            end as unclear
        from ({{ register_keyed(register, 'legal_event') }}) as event
        inner join patent on event.patent_key = patent.patent_key
        where
            patent.ends_unclearly
            and (
                event.event_kind in {{ terminating_events() }}
                or event.event_kind in ('restoration', 'invalidation_unclear')
            )
        group by patent.patent_key, event.event_date
    ),

    life as (
        select
            patent_key,
            event_date as from_date,
            lead(event_date, 1, {{ never() }}) over days as until_date,
            coalesce(last_value(ended ignore nulls) over days, false) as ended,
            coalesce(last_value(unclear ignore nulls) over days, false) as unclear
        from event_day
        window days as (
            partition by patent_key order by event_date
            rows between unbounded preceding and current row
        )

        union all

        select
            patent.patent_key,
            {{ always() }} as from_date,
            case
                when patent.ends_unclearly then min(event_day.event_date)
                else coalesce(any_value(patent.first_end), {{ never() }})
            end as until_date,
            false as ended,
            false as unclear
        from patent
        left join event_day on patent.patent_key = event_day.patent_key
        group by patent.patent_key, patent.ends_unclearly
    ),

    owner as (
        select
            record.patent_key,
            record.seq,
            record.valid_from,
            record.valid_to,
            {{ residence_order() }} as place,
            coalesce(record.valid_from, {{ always() }}) as since,
            coalesce(record.valid_to, {{ never() }}) as last_day
        from ({{ register_keyed(register, 'patent_owner') }}) as record
        where record.patent_key in (select patent.patent_key from patent where patent.moves)
    ),

    turn as (
        -- Days on which the first owner may change, and the day of grant.
        select
            patent_key,
            {{ always() }} as turn_date
        from owner
        union
        select
            patent_key,
            since as turn_date
        from owner
        union
        select
            patent_key,
            last_day + 1 as turn_date
        from owner
        where valid_to is not null
        union
        select
            patent_key,
            grant_date as turn_date
        from patent
        where moves
    ),

    first_owner as (
        select
            turn.patent_key,
            turn.turn_date,
            {{ residence_of('owner.place') }} as residence,
            owner.place is not null as is_told
        from turn
        left join owner
            on
                turn.patent_key = owner.patent_key
                and turn.turn_date between owner.since and owner.last_day
        -- Of two periods of one place the later begun holds.
        qualify row_number() over (
            partition by turn.patent_key, turn.turn_date
            order by owner.seq asc, owner.since desc, owner.place asc
        ) = 1
    ),

    home as (
        -- Where nobody is told to own the patent on a day, the owner at grant stands in.
        select
            here.patent_key,
            here.turn_date as from_date,
            lead(here.turn_date, 1, {{ never() }}) over (
                partition by here.patent_key order by here.turn_date
            ) as until_date,
            case when here.is_told then here.residence else at_grant.residence end as residence
        from first_owner as here
        inner join patent on here.patent_key = patent.patent_key
        left join first_owner as at_grant
            on here.patent_key = at_grant.patent_key and patent.grant_date = at_grant.turn_date

        union all

        select
            patent_key,
            {{ always() }} as from_date,
            {{ never() }} as until_date,
            residence
        from patent
        where not moves
    )

    select
        patent.patent_key,
        greatest(patent.grant_date, life.from_date, home.from_date) as from_date,
        least(patent.term_end, life.until_date, home.until_date) as until_date,
        life.unclear,
        home.residence
    from patent
    inner join life on patent.patent_key = life.patent_key
    inner join home on patent.patent_key = home.patent_key
    where
        not life.ended
        and greatest(patent.grant_date, life.from_date, home.from_date)
        < least(patent.term_end, life.until_date, home.until_date)
{% endmacro %}

{#-
    One row per patent and span in which it is, or may be, in force and stays with one region, with the
    facts of the patent. is_certain: in force for sure; it is not where no event tells how the patent
    fares (events of others tell nothing of it, nor do transfers), where an invalidation's extent is
    unclear, and where the filing, and so the term, is not known.
-#}
{% macro high_value_periods(register) %}
    {%- set facts -%}
        patent.patent_key,
        patent.office,
        patent.filing_date,
        patent.grant_date,
        patent.sei_any,
        patent.sei_first,
        patent.has_family
    {%- endset %}
    select
        {{ facts }},
        patent.grant_date as from_date,
        least(patent.term_end, patent.first_end) as until_date,
        patent.is_followed and patent.filing_date is not null as is_certain,
        patent.residence
    from {{ of_register(register, 'int_high_value__patent') }} as patent
    where
        not patent.ends_unclearly
        and not patent.moves
        and patent.grant_date < least(patent.term_end, patent.first_end)

    union all

    select
        {{ facts }},
        split.from_date,
        split.until_date,
        not split.unclear and patent.is_followed and patent.filing_date is not null as is_certain,
        split.residence
    from {{ of_register(register, 'int_high_value__split') }} as split
    inner join {{ of_register(register, 'int_high_value__patent') }} as patent
        on split.patent_key = patent.patent_key
{% endmacro %}
