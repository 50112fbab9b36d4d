{{ register_alias('patent_register') }}
