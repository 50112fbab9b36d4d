-- One row per record of the landed files, as the contract accepted it.
{{ config(materialized='ephemeral') }}
{{ register_records('simulated_register', 'award') }}
