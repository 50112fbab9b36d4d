{{ high_value_overlap('simulated_register') }}
