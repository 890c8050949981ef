"""The embedded Snowflake: a server that real clients connect to, reached over its port alone.

A statement's way through the modules, and what stands beside it:

    daemon, rendezvous      start, find and stop the server; server.json and connections.toml
    server, web, responses  the process, its HTTP, the JSON around answers
    client, answers         a logged-in session: one statement at a time; each request is run once
    execution               a running statement: its limit in time, and being told to stop
    queries, rowset         a statement → its answer, in Snowflake's layout
    statements              which statements are ours: *_statements, read by tokens and create_function
    cursor                  everything else is fakesnow's, once it has gone through
                            identifiers, temporary_tables, binding and rewrite (which asks tables)
    failures                what went wrong below → Snowflake's numbers and words; duckdb_failures for DuckDB's
    session                 what a client has chosen, and what its role may do
    engine                  the one DuckDB instance, and what all sessions share:
      catalogue, rights       functions, stages and packages; roles and privileges
      namespaces, stages      databases and schemas; files
      warehouses, offered     their properties; the channel, with repodata
      registry                functions as DuckDB calls them, by way of
      function, process         a worker process for each definition, which runs worker,
      packages, sqltypes        in an environment of its own; columns on their way there and back

Names, results and definitions are the values that all of them speak in.
"""

from snowbuild.local.daemon import down, status, up
from snowbuild.local.offered import SAMPLE_CHANNEL
from snowbuild.local.rendezvous import Rendezvous, connection_parameters

__all__ = ["SAMPLE_CHANNEL", "Rendezvous", "connection_parameters", "down", "status", "up"]
