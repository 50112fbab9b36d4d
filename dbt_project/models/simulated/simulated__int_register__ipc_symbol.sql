-- One row per IPC symbol of the simulated register.
select distinct ipc_symbol from {{ ref('stg_simulated_register__ipc_assignment') }}
