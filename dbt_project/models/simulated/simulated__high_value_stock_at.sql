{{ config(
    materialized='table_function', contract={'enforced': false}, parameters=stock_at_parameters()
) }}
{{ high_value_stock_at('simulated_register') }}
