{{ high_value_flags('patent_register') }}
