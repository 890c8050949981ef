"""Databases and schemas in DuckDB: a file for each database, whatever its name holds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from fakesnow import info_schema, macros

from snowbuild.sql import quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from snowbuild.local.session import Session

PLACEHOLDER = "SNOWBUILD_CATALOG"
SUFFIX = ".db"


def database_file(folder: Path, name: str) -> Path:
    """Where a database lies; nothing in its name can be a separator."""
    return folder / (quote(name, safe="$ ").replace(".", "%2E") + SUFFIX)


def database_name(file: Path) -> str:
    """The inverse of `database_file`."""
    return unquote(file.name.removesuffix(SUFFIX))


def attach(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    """Open a database, creating its file if need be."""
    path = str(file).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS {quoted(name)}")


def make_database(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> None:
    """Create a database with its schema PUBLIC."""
    attach(connection, database_file(folder, name), name)
    text = info_schema.per_db_creation_sql(PLACEHOLDER) + macros.creation_sql(PLACEHOLDER)
    literal = "'" + name.replace("'", "''") + "'"
    connection.execute(text.replace(f"'{PLACEHOLDER}'", literal).replace(PLACEHOLDER, quoted(name)))
    make_schema(connection, name, "PUBLIC")


def make_schema(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> None:
    """Create a schema."""
    connection.execute(f"CREATE SCHEMA {quoted(database)}.{quoted(schema)}")


def enter(session: Session, database: str, schema: str | None) -> None:
    """Make a database, and a schema if there is one to go to, the session's current ones."""
    connection = session.connection
    path = f"{quoted(database)}.{quoted(schema or 'main')}".replace("'", "''")
    connection._duck_conn.execute(f"SET schema = '{path}'")  # fakesnow has no method for it.
    connection.database, connection.database_set = database, True
    connection._schema, connection.schema_set = schema, schema is not None  # Nor for this.
