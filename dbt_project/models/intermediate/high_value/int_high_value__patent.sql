{{ high_value_facts('patent_register') }}
