-- One row per symbol and WIPO technology field.
{{ technology_of_symbols(ref('int_register__ipc_symbol')) }}
