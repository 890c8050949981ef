"""The one DuckDB instance, its sessions, and the steps of a statement on its way to fakesnow."""
