{{ sei_of_symbols(ref('simulated__int_register__ipc_symbol')) }}
