-- The figures to use as of a day: on what was published by then and, where learnt_by is given, had
-- been got by then. Every reading that was got is asked, not the one that stands for its day now.
{{ config(
    materialized='table_function',
    contract={'enforced': false},
    persist_docs={'relation': false, 'columns': false},
    parameters=['published_by', 'learnt_by := null']
) }}
with figure as (
    {{ preferred_observation(
        ref('int_observation__unioned'),
        "may_publish and vintage <= cast(published_by as date) and (learnt_by is null "
        ~ "or cast(retrieved_at as timestamptz) < cast(cast(learnt_by as date) + 1 as timestamptz))"
    ) }}
)

select
    {{ observation_columns() }}
from figure
