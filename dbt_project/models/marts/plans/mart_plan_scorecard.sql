-- One row per plan and numeric target: where it started, should be and stands; who says so.
{{ plan_scorecard(ref('fct_plan_target'), evaluation_date()) }}
