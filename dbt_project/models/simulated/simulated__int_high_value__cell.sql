{{ cells_at_year_ends('simulated_register') }}
