-- One row per version of the rule.
select
    rule_version,
    name_en,
    conditions,
    {{ mask_of('conditions') }} as mask,
    valid_from,
    valid_to,
    is_confirmed,
    source,
    note
from {{ ref('rule_versions') }}
