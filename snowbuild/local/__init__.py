"""The embedded Snowflake: a server that real clients connect to, reached over its port alone."""

from snowbuild.local.daemon import down, status, up
from snowbuild.local.offered import SAMPLE_CHANNEL
from snowbuild.local.rendezvous import Rendezvous, connection_parameters

__all__ = ["SAMPLE_CHANNEL", "Rendezvous", "connection_parameters", "down", "status", "up"]
