{{ high_value_awards('patent_register') }}
