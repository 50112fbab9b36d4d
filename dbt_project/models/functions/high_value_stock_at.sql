-- DuckDB takes no comment on a function, so its description stays in dbt.
{{ config(
    materialized='table_function',
    contract={'enforced': false},
    persist_docs={'relation': false, 'columns': false},
    parameters=stock_at_parameters()
) }}
{{ high_value_stock_at('patent_register') }}
