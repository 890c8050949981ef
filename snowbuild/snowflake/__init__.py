"""The one place that talks to Snowflake. Import `connection` or `target` where they are needed: Snowpark is heavy."""
