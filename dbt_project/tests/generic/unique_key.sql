{% test unique_key(model, columns) %}
-- Rows that share a key; there must be none.
select {{ columns | join(', ') }}, count(*) as times
from {{ model }}
group by all
having count(*) > 1
{% endtest %}
