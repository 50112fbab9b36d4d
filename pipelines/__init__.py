"""How bytes move: from a public address to landed rows, through a dbt build, to the served file."""
