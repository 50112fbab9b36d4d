"""Dagster assets, one kind a module: raw bytes, landed tables, dbt models, published build."""
