"""Databases and schemas in DuckDB: a file for each database, whatever its name."""

from __future__ import annotations

import contextlib
import glob
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import duckdb
from fakesnow import info_schema, macros

from snowbuild.sql import quoted

if TYPE_CHECKING:
    from pathlib import Path

PLACEHOLDER = "SNOWBUILD_CATALOG"
SUFFIX = ".db"
HEADERS = 3 * 4096
"""What a file of DuckDB begins with, in bytes (duckdb: storage_info.hpp)."""


def database_file(folder: Path, name: str) -> Path:
    """The file of a database; separators in its name are escaped."""
    return folder / (quote(name, safe="$ ").replace(".", "%2E") + SUFFIX)


def database_name(file: Path) -> str:
    """The inverse of `database_file`."""
    return unquote(file.name.removesuffix(SUFFIX))


def attach(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    """Open a database, creating its file if need be."""
    if file.exists() and file.stat().st_size < HEADERS:
        # The disk was full while it was created, so nothing was ever in it.
        file.unlink()
    path = str(file).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS {quoted(name)}")


def make_database(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> None:
    """Create a database with its schema PUBLIC; all of it, or nothing."""
    attach(connection, database_file(folder, name), name)
    text = info_schema.per_db_creation_sql(PLACEHOLDER) + macros.creation_sql(PLACEHOLDER)
    literal = "'" + name.replace("'", "''") + "'"
    try:
        connection.execute(text.replace(f"'{PLACEHOLDER}'", literal).replace(PLACEHOLDER, quoted(name)))
        make_schema(connection, name, "PUBLIC")
    except duckdb.Error:
        remove_database(connection, folder, name)
        raise


def remove_database(connection: duckdb.DuckDBPyConnection, folder: Path, name: str) -> None:
    """Close a database, and delete its files."""
    # It is closed even if the remaining changes do not fit on the disk.
    with contextlib.suppress(duckdb.IOException):
        connection.execute(f"DETACH {quoted(name)}")
    for file in folder.glob(f"{glob.escape(database_file(folder, name).name)}*"):
        file.unlink(missing_ok=True)


def make_schema(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> None:
    """Create a schema."""
    connection.execute(f"CREATE SCHEMA {quoted(database)}.{quoted(schema)}")
