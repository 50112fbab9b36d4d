-- One row per plan, indicator, area and deadline: the best trusted release that states the target.
{{ plan_targets(evaluation_date()) }}
