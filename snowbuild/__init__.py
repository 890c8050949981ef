"""Declarative builds, with a lockfile, for machine-learning functions in Snowflake."""

__version__ = "0.1.0"
