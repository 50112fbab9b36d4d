{#-
    The five conditions of a high-value invention patent, as two days each: from `<condition>_possible`
    on it may hold, from `<condition>_certain` on it does; before the first it does not. Unknown is what
    lies between. always() and never() stand for open ends. Conditions hold or not whether or not the
    right is in force. Source of every rule: the plan's footnote; what it leaves open is a parameter,
    with its reason, in the seed rule_parameters. Not here: the facts, counting.
-#}

{#- In the plan's order, which is the order of their bits in a mask: 1, 2, 4, 8, 16. -#}
{% macro condition_names() %}{{ return(['sei', 'family', 'maintenance', 'pledge', 'award']) }}{% endmacro %}

{#- The mask of a rule version, of its conditions joined by ;. -#}
{% macro mask_of(conditions) -%}
    {%- for name in condition_names() %}
    {{ '+ ' if not loop.first }}case
        when list_contains(string_split({{ conditions }}, ';'), '{{ name }}')
            then {{ 2 ** loop.index0 }}
        else 0
    end
    {%- endfor %}
{%- endmacro %}

{#-
    Rows of `relation` (facts of patents, with or without spans) with the ten days of the conditions,
    for each row of `parameters` (rows of int_rule__parameter_set). on_day: the parameters have a column
    `day`, on which a pledge must be in force where they ask for that; without it they must not.
-#}
{% macro condition_days(register, relation, parameters, on_day=false) %}
    select
        fact.*,
        p.parameter_set,
        {{ 'p.day,' if on_day }}
        {{ sei_days() }},
        {{ family_days() }},
        {{ maintenance_days() }},
        {{ pledge_days(on_day) }},
        {{ award_days() }}
    from {{ relation }} as fact
    cross join {{ parameters }} as p
    inner join {{ of_register(register, 'int_register__office') }} as office
        on fact.office = office.office
    left join {{ of_register(register, 'int_high_value__flag') }} as flag
        on fact.patent_key = flag.patent_key
    left join (
        -- True of all of them; it tells the planner that they are fewer than the patents.
        select * from {{ of_register(register, 'int_high_value__family') }}
        where
            coalesce(published, published_hk) is not null
            or maybe_published
            or maybe_published_hk
    ) as family
        on fact.patent_key = family.patent_key
    left join {{ of_register(register, 'int_high_value__pledge') }} as pledge
        on fact.patent_key = pledge.patent_key
    left join {{ of_register(register, 'int_high_value__award') }} as award
        on fact.patent_key = award.patent_key
{% endmacro %}

{#-
    Neither symbols nor flags are dated. The office's flag wins; a rule without a keyword limit makes
    it true, limited rules alone leave it unknown (or count). Every invention is classified: none, or no
    first symbol, means one that is not recorded.
-#}
{% macro sei_days() %}
    {%- set state -%}
        case
            when p.sei_symbols = 'first'
                then case when flag.patent_key is null then fact.sei_first else flag.sei_first end
            when flag.patent_key is null then fact.sei_any
            else flag.sei_any
        end
    {%- endset %}
        case
            when flag.flag is not null
                then case when flag.flag then {{ always() }} else {{ never() }} end
            when {{ state }} = 2 or ({{ state }} = 1 and p.sei_keyword_limited = 'counted')
                then {{ always() }}
            else {{ never() }}
        end as sei_certain,
        case
            when flag.flag is not null
                then case when flag.flag then {{ always() }} else {{ never() }} end
            when coalesce({{ state }}, 1) >= 1 then {{ always() }}
            else {{ never() }}
        end as sei_possible
{%- endmacro %}

{#-
    A granted (or published) member outside mainland China. A patent of whose family nothing is listed is
    unknown; members of unknown fate, or granted on a day that nobody tells, leave it unknown.
-#}
{% macro family_days() %}
    {%- set of_need = {} -%}
    {%- for need in ['granted', 'published'] -%}
        {%- do of_need.update({
            need: 'least(family.' ~ need ~ ', case when p.family_counts_hong_kong then family.' ~ need
                ~ '_hk end)',
            'maybe_' ~ need: '(family.maybe_' ~ need ~ ' or (p.family_counts_hong_kong and family.maybe_'
                ~ need ~ '_hk))'
        }) -%}
    {%- endfor -%}
    {%- set since -%}
        coalesce(
            case
                when p.family_needs = 'published' then {{ of_need['published'] }}
                else {{ of_need['granted'] }}
            end,
            {{ never() }}
        )
    {%- endset %}
        {{ since }} as family_certain,
        case
            when
                not fact.has_family
                or case
                    when p.family_needs = 'published' then {{ of_need['maybe_published'] }}
                    else {{ of_need['maybe_granted'] }}
                end
                then {{ always() }}
            else {{ since }}
        end as family_possible
{%- endmacro %}

{#- Strictly more than ten years: from the day after the tenth anniversary of filing (or grant). -#}
{% macro maintenance_days() %}
    {%- set start -%}
        case when p.maintenance_from = 'grant' then fact.grant_date else fact.filing_date end
    {%- endset %}
        coalesce({{ add_years(start, 'p.maintenance_years') }} + 1, {{ never() }})
            as maintenance_certain,
        coalesce({{ add_years(start, 'p.maintenance_years') }} + 1, {{ always() }})
            as maintenance_possible
{%- endmacro %}

{#-
    A registered pledge whose amount reaches the threshold. No threshold is published: without one, and
    where the amount (in yuan) is not, a pledge is perhaps high enough. Who is on no list has none only
    where the office's list is whole.
-#}
{% macro pledge_days(on_day) %}
    {%- set counting -%}
        {%- if on_day -%}
            list_filter(
                pledge.pledges,
                lambda one: p.pledge_mode = 'ever' or one.cancelled is null or one.cancelled > p.day
            )
        {%- else -%}
            pledge.pledges
        {%- endif -%}
    {%- endset %}
        case
            when pledge.pledges is null then {{ never() }}
            else coalesce(list_min(list_transform(
                list_filter({{ counting }}, lambda one: one.amount >= p.pledge_min_amount),
                lambda one: one.registered
            )), {{ never() }})
        end as pledge_certain,
        case
            when not office.tells_pledges then {{ always() }}
            when pledge.pledges is null then {{ never() }}
            else coalesce(list_min(list_transform(
                list_filter(
                    {{ counting }}, lambda one: coalesce(one.amount >= p.pledge_min_amount, true)
                ),
                lambda one: one.registered
            )), {{ never() }})
        end as pledge_possible
{%- endmacro %}

{#- A national science award or a China Patent Award, of all grades or of some; lists as above. -#}
{% macro award_days() %}
    {%- set counting -%}
        list_filter(
            award.awards,
            lambda one: p.award_grades is null or list_contains(p.award_grades, one.grade)
        )
    {%- endset %}
        case
            when award.awards is null then {{ never() }}
            else coalesce(
                list_min(list_transform({{ counting }}, lambda one: one.certain_from)), {{ never() }}
            )
        end as award_certain,
        case
            when not office.tells_awards then {{ always() }}
            when award.awards is null then {{ never() }}
            else coalesce(
                list_min(list_transform({{ counting }}, lambda one: one.possible_from)), {{ never() }}
            )
        end as award_possible
{%- endmacro %}
