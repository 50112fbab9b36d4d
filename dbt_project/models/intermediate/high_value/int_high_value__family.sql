{{ high_value_families('patent_register') }}
