{#-
    What the models of a register share. `register` is the source they stand on: patent_register (the
    real world) or simulated_register, whose models are twins of these in the schema `simulated` and
    never read, nor are read by, a model of the real world. Not here: rules about patents.
-#}

{#- A model of the same register: its own, or its simulated twin. -#}
{% macro of_register(register, model) -%}
    {{ ref('simulated__' ~ model) if register == 'simulated_register' else ref(model) }}
{%- endmacro %}

{#- Its tables. -#}
{% macro register_tables() %}{{ return([
    'patent', 'patent_owner', 'ipc_assignment', 'family_member', 'legal_event', 'pledge', 'award'
]) }}{% endmacro %}

{#- Whether its records are made up, for the column of that name. -#}
{% macro is_simulated(register) -%}
    {{ 'true' if register == 'simulated_register' else 'false' }}
{%- endmacro %}

{#- Records of a table as landed; named_id: the patent as the record itself names it. -#}
{% macro register_records(register, table) %}
    select
        *,
        coalesce(application_number, office || publication_number) as named_id
    from {{ source(register, table) }}
{% endmacro %}

{#-
    Records of a table with the patent that they are of: patent_id is its application's number, else
    office and publication. Records that name a publication alone follow its application.
-#}
{% macro register_keyed(register, table) -%}
    {{ keyed(register, ref('stg_' ~ register ~ '__' ~ table)) }}
{%- endmacro %}

{% macro keyed(register, relation) -%}
    select
        record.*,
        coalesce(alias.patent_id, record.named_id) as patent_id,
        {{ patent_key('coalesce(alias.patent_id, record.named_id)') }} as patent_key
    from {{ relation }} as record
    left join {{ of_register(register, 'int_register__alias') }} as alias
        on record.named_id = alias.named_id and record.application_number is null
{%- endmacro %}

{#-
    A number for a patent within one build: grouping by it takes a quarter of the time that grouping
    by text takes. int_register__patent is tested for two patents of one number.
-#}
{% macro patent_key(patent_id) -%}
    hash({{ patent_id }})
{%- endmacro %}

{#- Names of patents by publication alone, in offices whose documents name applications too. -#}
{% macro register_lone(register) %}
    {% for table in register_tables() %}
    select
        office,
        publication_number,
        named_id
    from {{ ref('stg_' ~ register ~ '__' ~ table) }}
    where
        application_number is null
        and office in (
            select office.office from {{ of_register(register, 'int_register__office') }} as office
            where office.names_applications
        )
    {{ 'union' if not loop.last }}
    {% endfor %}
    {% if register != 'simulated_register' %}
    union
    select
        office,
        publication_number,
        named_id
    from {{ ref('stg_sei_flags__flag') }}
    where application_number is null
    {% endif %}
{% endmacro %}

{#- Names of patents by publication alone, where a document names application and publication. -#}
{% macro register_alias(register) %}
    select
        lone.named_id,
        min(document.application_number) as patent_id
    from {{ of_register(register, 'int_register__lone') }} as lone
    inner join {{ ref('stg_' ~ register ~ '__patent') }} as document
        on lone.office = document.office and lone.publication_number = document.publication_number
    where document.application_number is not null
    group by lone.named_id
    -- A number that stands on documents of two applications names neither.
    having min(document.application_number) = max(document.application_number)
{% endmacro %}

{#-
    What the register tells of an office's patents at all. tells_pledges, tells_awards: its list of them
    is whole, so that a patent which is not on it has none. Only whoever dropped the lists knows that
    (IPW_WHOLE_LISTS); those of a simulated register are made whole.
-#}
{% macro register_office(register) %}
    select
        office,
        bool_or(names_applications) as names_applications,
        {{ is_whole(register, 'pledge') }} as tells_pledges,
        {{ is_whole(register, 'award') }} as tells_awards,
        max(newest) as covered_until
    from (
        select
            office,
            'patent' as table_name,
            bool_or(application_number is not null) as names_applications,
            max(greatest(publication_date, grant_date, filing_date)) as newest
        from {{ ref('stg_' ~ register ~ '__patent') }}
        group by office

        union all

        select
            office,
            'legal_event' as table_name,
            false as names_applications,
            max(event_date) as newest
        from {{ ref('stg_' ~ register ~ '__legal_event') }}
        group by office

        union all

        select
            office,
            'pledge' as table_name,
            false as names_applications,
            null as newest
        from {{ ref('stg_' ~ register ~ '__pledge') }}
        group by office

        union all

        select
            office,
            'award' as table_name,
            false as names_applications,
            null as newest
        from {{ ref('stg_' ~ register ~ '__award') }}
        group by office
    )
    group by office
{% endmacro %}

{% macro is_whole(register, table) -%}
    bool_or(table_name = '{{ table }}')
    {%- if register != 'simulated_register' %}
        and list_contains(
            string_split('{{ env_var("IPW_WHOLE_LISTS", "") }}', ';'), '{{ table }}s:' || office
        )
    {%- endif %}
{%- endmacro %}

{#-
    Patents of offices abroad by the families that their documents stand in, by the source's own key.
    Documents differ in what they tell: the earliest dates count, and the one that tells of the grant
    is named.
-#}
{% macro register_abroad(register) %}
    select
        patent_key,
        office,
        adapter,
        family_id,
        min(grant_date) as grant_date,
        min(publication_date) as publication_date,
        min(
            {'grant_date': grant_date, 'raw_sha256': raw_sha256, 'raw_row': raw_row}
        ) as document
    from ({{ register_keyed(register, 'patent') }})
    where {{ is_abroad('office') }} and family_id is not null
    group by patent_key, office, adapter, family_id
{% endmacro %}

{#-
    Members of families abroad that are records of the register themselves: documents of other offices
    that share the source's own key of the family. That a source shows none tells nothing: it may show
    a part of the family.
-#}
{% macro register_kin(register) %}
    select
        own.patent_key,
        kin.office as member_office,
        kin.grant_date as member_grant_date,
        kin.publication_date as member_publication_date,
        kin.document.raw_sha256 as raw_sha256,
        kin.document.raw_row as raw_row
    from ({{ register_keyed(register, 'patent') }}) as own
    inner join {{ of_register(register, 'int_register__abroad') }} as kin
        on own.adapter = kin.adapter and own.family_id = kin.family_id
    where {{ is_overseas('kin.office', 'own.office') }}
{% endmacro %}

{#-
    One row per patent, of any kind: its names and what its documents say of it. Where documents differ
    in a date, the earliest counts and dates_differ says so.
-#}
{% macro register_patent(register) %}
    select
        patent_key,
        min(patent_id) as patent_id,
        max(patent_id) = min(patent_id) as has_own_key,
        min(office) as office,
        min(application_number) as application_number,
        max(publication_number) as publication_number,
        string_agg(distinct kind_code, ';' order by kind_code) as kind_codes,
        min(ip_type) as ip_type,
        min(filing_date) as filing_date,
        min(grant_date) as grant_date,
        min(filing_date) <> max(filing_date) or min(grant_date) <> max(grant_date) as dates_differ,
        arg_max(title, (publication_date, title)) filter (where title is not null) as title,
        arg_max(
            legal_status_as_published, (publication_date, legal_status_as_published)
        ) filter (where legal_status_as_published is not null) as legal_status_as_published,
        count(*) as documents
    from ({{ register_keyed(register, 'patent') }})
    group by patent_key
{% endmacro %}

{#- Files that rows were landed from. -#}
{% macro register_file(register) %}
    select
        row_number() over (order by raw_sha256) as file_no,
        raw_sha256,
        min(raw_file) as raw_file
    from (
        {% for table in register_tables() %}
        select distinct
            raw_sha256,
            raw_file
        from {{ ref('stg_' ~ register ~ '__' ~ table) }}
        {{ 'union' if not loop.last }}
        {% endfor %}
        {% if register != 'simulated_register' %}
        union
        select distinct
            raw_sha256,
            raw_file
        from {{ ref('stg_sei_flags__flag') }}
        {% endif %}
    )
    group by raw_sha256
{% endmacro %}
