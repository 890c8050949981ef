"""The embedded Snowflake: a server that real clients connect to, reached only over its port.

A part only imports parts below it:

    daemon, rendezvous  start, find and stop the server; server.json and connections.toml
    server              the process
    wire/               HTTP and the JSON around answers; a session's statements in turn, each request once, with their
                        time limits; errors from below → Snowflake's numbers and words
    statements/         the statements that are executed here
    engine/             the one DuckDB instance and its sessions; every other statement is left to fakesnow, after
                        corrections, identifiers, temporary tables, binding, rewriting and conversions
    functions/          functions as DuckDB calls them: a worker process for each definition, in its own environment
    state/              everything apart from tables: functions, stages, databases, warehouses, the channel
    values/             the values that all of them share: tokens, names, results, definitions, privileges
"""

from snowbuild.local.daemon import down, status, up
from snowbuild.local.rendezvous import Rendezvous, connection_parameters
from snowbuild.local.state.offered import SAMPLE_CHANNEL

__all__ = ["SAMPLE_CHANNEL", "Rendezvous", "connection_parameters", "down", "status", "up"]
