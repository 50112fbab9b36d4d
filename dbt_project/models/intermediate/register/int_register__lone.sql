{{ register_lone('patent_register') }}
