-- One row per figure or target of all fields but examination and the main indicators' own marts:
-- protection, utilisation, services, talent, cooperation, the running of plans.
{{ figures_with_targets([
    'protection', 'service', 'utilisation', 'creation', 'cooperation', 'management'
]) }}
