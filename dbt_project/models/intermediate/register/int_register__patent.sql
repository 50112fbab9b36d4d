{{ register_patent('patent_register') }}
