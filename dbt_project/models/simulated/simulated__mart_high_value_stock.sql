{{ high_value_stock('simulated_register') }}
