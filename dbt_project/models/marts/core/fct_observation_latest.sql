-- One row per indicator, area and period: the figure to use today.
{{ preferred_observation(ref('fct_observation')) }}
