-- One row per area and year of the bulletin, in plain units.
{{ regional_observation('nbs_rd_bulletin') }}
