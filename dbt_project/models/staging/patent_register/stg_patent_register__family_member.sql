-- One row per record of the landed files, as the contract accepted it.
{{ config(materialized='ephemeral') }}
{{ register_records('patent_register', 'family_member') }}
