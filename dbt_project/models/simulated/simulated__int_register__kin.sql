{{ register_kin('simulated_register') }}
