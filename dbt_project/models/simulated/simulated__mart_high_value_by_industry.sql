{{ high_value_by_industry('simulated_register') }}
