"""The embedded Snowflake: a server that real clients connect to, reached over its port alone.

A part imports only parts below it:

    daemon, rendezvous  start, find and stop the server; server.json and connections.toml
    server              the process
    wire/               HTTP and the JSON around answers; a session's statements in turn, each request once, with their
                        limits in time; what went wrong below → Snowflake's numbers and words
    statements/         which statements are carried out here, and how
    engine/             the one DuckDB instance and the sessions on it; every other statement is fakesnow's, once it has
                        gone through corrections, identifiers, temporary tables, binding, rewriting and conversions
    functions/          functions as DuckDB calls them: a worker process for each definition, in its own environment
    state/              what there is besides tables: functions, stages, databases, warehouses, the channel
    values/             what all of them speak in: tokens, names, results, definitions, privileges
"""

from snowbuild.local.daemon import down, status, up
from snowbuild.local.rendezvous import Rendezvous, connection_parameters
from snowbuild.local.state.offered import SAMPLE_CHANNEL

__all__ = ["SAMPLE_CHANNEL", "Rendezvous", "connection_parameters", "down", "status", "up"]
