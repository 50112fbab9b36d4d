-- A plan's scorecard as of a day, on what was published by then.
{{ config(
    materialized='table_function',
    contract={'enforced': false},
    persist_docs={'relation': false, 'columns': false},
    parameters=['plan', 'on_day']
) }}
{%- set day = 'cast(on_day as date)' %}
with as_of_targets as ({{ plan_targets(day) }}),

as_of_values as ({{ plan_annual_values(day) }}),

as_of_evaluated as ({{ plan_targets_evaluated('as_of_targets', 'as_of_values', day) }}),

as_of_facts as ({{ plan_target_facts('as_of_evaluated') }}),

as_of_scorecard as ({{ plan_scorecard('as_of_facts', day) }})

select *
from as_of_scorecard
where plan_id = plan
