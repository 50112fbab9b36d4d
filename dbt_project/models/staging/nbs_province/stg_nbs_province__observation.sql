-- One row per area, year and vintage of residents or GDP, in plain units.
{{ regional_observation('nbs_province') }}
