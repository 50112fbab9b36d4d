{{ register_kin('patent_register') }}
