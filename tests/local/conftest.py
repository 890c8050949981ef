"""Fixtures of the tests of the local Snowflake."""

from tests.local.servers import local_server, refused, rows, session, stage_file, value

__all__ = ["local_server", "refused", "rows", "session", "stage_file", "value"]
