-- One row per cell of a yearbook table and edition, in plain units.
{{ regional_observation('cn_yearbook') }}
