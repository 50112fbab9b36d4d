{{ high_value_flags_of_code('simulated_register') }}
