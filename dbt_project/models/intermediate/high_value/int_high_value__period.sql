{{ config(materialized='view') }}
{{ high_value_periods('patent_register') }}
