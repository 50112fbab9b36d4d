{{ register_file('simulated_register') }}
