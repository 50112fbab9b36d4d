{{ high_value_awards('simulated_register') }}
