-- One row per parameter of the rule.
select
    parameter,
    condition,
    description,
    default_value,
    alternatives,
    reason,
    source
from {{ ref('rule_parameters') }}
