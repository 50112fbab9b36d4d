{{ high_value_by_industry('patent_register') }}
