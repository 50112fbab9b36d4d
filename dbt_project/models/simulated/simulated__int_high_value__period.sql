{{ config(materialized='view') }}
{{ high_value_periods('simulated_register') }}
