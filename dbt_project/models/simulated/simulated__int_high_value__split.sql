{{ high_value_splits('simulated_register') }}
