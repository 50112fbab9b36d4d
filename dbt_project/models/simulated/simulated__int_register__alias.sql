{{ register_alias('simulated_register') }}
