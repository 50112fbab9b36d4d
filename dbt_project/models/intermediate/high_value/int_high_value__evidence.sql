{{ high_value_evidence('patent_register') }}
