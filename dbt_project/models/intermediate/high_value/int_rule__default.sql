-- The one parameter set that the rule versions are judged by.
select * from {{ ref('int_rule__parameter_set') }}
where parameter_set = 'default'
