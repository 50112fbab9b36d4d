{{ high_value_stock('patent_register') }}
