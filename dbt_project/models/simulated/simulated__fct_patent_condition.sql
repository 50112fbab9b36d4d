{{ patent_conditions('simulated_register') }}
