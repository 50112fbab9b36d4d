{{ high_value_families('simulated_register') }}
