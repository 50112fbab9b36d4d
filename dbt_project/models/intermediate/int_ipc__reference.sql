-- One row per symbol: what the dropped IPC tree and green lists say of it; NULL where none was.
{{ ipc_reference_of_symbols(ref('int_register__ipc_symbol')) }}
