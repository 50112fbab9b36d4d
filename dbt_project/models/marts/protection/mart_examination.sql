-- One row per figure or target of examination: pendency, backlog, quality, filing, decisions.
{{ figures_with_targets(['examination']) }}
