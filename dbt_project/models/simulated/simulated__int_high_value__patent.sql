{{ high_value_facts('simulated_register') }}
