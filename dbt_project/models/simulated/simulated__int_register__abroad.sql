{{ register_abroad('simulated_register') }}
