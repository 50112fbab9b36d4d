{{ high_value_patent('simulated_register') }}
