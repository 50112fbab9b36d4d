{{ patent_conditions('patent_register') }}
