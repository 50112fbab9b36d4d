{{ register_abroad('patent_register') }}
