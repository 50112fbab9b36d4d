{{ high_value_pledges('simulated_register') }}
