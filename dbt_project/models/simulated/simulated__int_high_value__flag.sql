{{ high_value_flags('simulated_register') }}
