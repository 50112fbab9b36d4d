{{ register_file('patent_register') }}
