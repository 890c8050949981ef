"""Databases and schemas in DuckDB: a file for each database, whatever its name holds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from fakesnow import info_schema, macros

from snowbuild.sql import quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
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
