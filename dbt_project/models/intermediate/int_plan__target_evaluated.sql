-- One row per target: where it stands on the evaluation date, on official annual values alone.
{{ plan_targets_evaluated(
    ref('int_plan__target'), ref('int_plan__annual_value'), evaluation_date()
) }}
