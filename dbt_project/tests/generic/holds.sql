{% test holds(model, expression) %}
-- Rows for which the expression does not hold.
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
