-- One row per indicator, area and year: the official annual value known on the evaluation date.
-- Derived figures, stand-ins and what may not be shown are no official values; a hedged one ("more
-- than") is a bound only.
{{ plan_annual_values(evaluation_date()) }}
