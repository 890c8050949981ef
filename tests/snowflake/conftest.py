"""The local Snowflake, for tests of what talks to it."""

from tests.local.servers import local_server

__all__ = ["local_server"]
