{{ register_patent('simulated_register') }}
