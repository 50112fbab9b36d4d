{{ register_office('patent_register') }}
