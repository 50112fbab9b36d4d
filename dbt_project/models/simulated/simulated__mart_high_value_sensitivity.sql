{{ high_value_sensitivity('simulated_register') }}
