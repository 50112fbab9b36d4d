-- One row per symbol and strategic emerging industry: true, or unknown where only rules with a
-- keyword limit match. No row: no rule matches.
{{ sei_of_symbols(ref('int_register__ipc_symbol')) }}
