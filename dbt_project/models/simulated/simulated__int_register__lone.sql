{{ register_lone('simulated_register') }}
