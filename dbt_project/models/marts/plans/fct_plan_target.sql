-- One row per target of a plan or report, with its evaluation where observations allow one.
{{ plan_target_facts(ref('int_plan__target_evaluated')) }}
