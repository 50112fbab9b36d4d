{{ high_value_overlap('patent_register') }}
