{{ high_value_splits('patent_register') }}
