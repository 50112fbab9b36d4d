{{ high_value_patent('patent_register') }}
