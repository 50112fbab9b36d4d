{{ high_value_flags_of_code('patent_register') }}
