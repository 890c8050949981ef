"""The one DuckDB instance, the sessions on it, and what a statement goes through on its way to fakesnow."""
