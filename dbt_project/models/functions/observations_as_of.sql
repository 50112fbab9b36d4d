-- The figures to use as of a day: on what was published by then and, where learnt_by is given, had
-- been got by then.
{{ config(
    materialized='table_function',
    contract={'enforced': false},
    persist_docs={'relation': false, 'columns': false},
    parameters=['published_by', 'learnt_by := null']
) }}
{{ preferred_observation(
    ref('fct_observation'),
    "vintage <= cast(published_by as date) and (learnt_by is null "
    ~ "or cast(retrieved_at as timestamptz) < cast(cast(learnt_by as date) + 1 as timestamptz))"
) }}
