{{ high_value_sensitivity('patent_register') }}
