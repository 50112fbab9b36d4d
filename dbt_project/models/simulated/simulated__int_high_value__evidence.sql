{{ high_value_evidence('simulated_register') }}
