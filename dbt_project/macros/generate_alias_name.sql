{#- A twin bears its model's name in the schema `simulated`. -#}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {{ custom_alias_name or node.name | replace('simulated__', '') }}
{%- endmacro %}
