{{ register_office('simulated_register') }}
