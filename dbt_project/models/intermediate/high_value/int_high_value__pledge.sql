{{ high_value_pledges('patent_register') }}
