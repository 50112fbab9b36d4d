{{ cells_at_year_ends('patent_register') }}
