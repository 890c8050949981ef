"""Databases and schemas: CREATE, DROP and USE, whatever their names hold.

fakesnow has these statements too, but writes names into its SQL without quotes and in capitals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from fakesnow import info_schema, macros

from snowbuild.local.results import Result, exists, missing, status
from snowbuild.local.rights import OWNERSHIP, Securable
from snowbuild.sql import quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from snowbuild.local.engine import Session
    from snowbuild.local.tokens import Reader

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


def create_database(reader: Reader, session: Session) -> Result | None:
    """CREATE [OR REPLACE] DATABASE [IF NOT EXISTS] name; the session goes there."""
    replacing, if_not_exists = _created(reader, "DATABASE")
    name = reader.name()
    if reader.peek("CLONE"):
        return None
    engine, what = session.engine, Securable(kind="DATABASE", database=name)
    with engine.catalogue.lock:
        if engine.catalogue.holds(what):
            if if_not_exists:
                return status(f"{name} already exists, statement succeeded.")
            if not replacing:
                raise exists(name)
            _drop_database(session, name)
        with engine.duck_conn.cursor() as cursor:
            make_database(cursor, engine.databases, name)
        engine.rights.grant(what, OWNERSHIP, session.role, session.role)
        engine.rights.grant(
            Securable(kind="SCHEMA", database=name, schema="PUBLIC"), OWNERSHIP, session.role, session.role
        )
    enter(session, name, "PUBLIC")
    return status(f"Database {name} successfully created.")


def create_schema(reader: Reader, session: Session) -> Result | None:
    """CREATE [OR REPLACE] SCHEMA [IF NOT EXISTS] [database.]name; the session goes there."""
    replacing, if_not_exists = _created(reader, "SCHEMA")
    database, schema, _ = session.namespace.qualify((*reader.path(), "-"))
    if reader.peek("CLONE"):
        return None
    engine, what = session.engine, Securable(kind="SCHEMA", database=database, schema=schema)
    parent = Securable(kind="DATABASE", database=database)
    with engine.catalogue.lock:
        if not engine.catalogue.holds(parent) or not engine.rights.allows(session.role, "USAGE", parent):
            raise missing("Database", database)
        engine.rights.require(session.role, "CREATE SCHEMA", parent)
        if engine.catalogue.holds(what):
            if if_not_exists:
                return status(f"{schema} already exists, statement succeeded.")
            if not replacing:
                raise exists(f"{database}.{schema}")
            _drop_schema(session, database, schema)
        with engine.duck_conn.cursor() as cursor:
            make_schema(cursor, database, schema)
        engine.rights.grant(what, OWNERSHIP, session.role, session.role)
    enter(session, database, schema)
    return status(f"Schema {schema} successfully created.")


def drop_database(reader: Reader, session: Session) -> Result:
    """DROP DATABASE [IF EXISTS] name."""
    if_exists = _dropped(reader, "DATABASE")
    name = reader.name()
    engine, what = session.engine, Securable(kind="DATABASE", database=name)
    with engine.catalogue.lock:
        if not engine.catalogue.holds(what) or not engine.rights.sees(session.role, what):
            if if_exists:
                return status(f"Drop statement executed successfully ({name} already dropped).")
            raise missing("Database", name)
        engine.rights.require(session.role, OWNERSHIP, what)
        _drop_database(session, name)
    return status(f"{name} successfully dropped.")


def drop_schema(reader: Reader, session: Session) -> Result:
    """DROP SCHEMA [IF EXISTS] [database.]name."""
    if_exists = _dropped(reader, "SCHEMA")
    database, schema, _ = session.namespace.qualify((*reader.path(), "-"))
    engine, what = session.engine, Securable(kind="SCHEMA", database=database, schema=schema)
    with engine.catalogue.lock:
        if not engine.catalogue.holds(what) or not engine.rights.sees(session.role, what):
            if if_exists:
                return status(f"Drop statement executed successfully ({schema} already dropped).")
            raise missing("Schema", f"{database}.{schema}")
        engine.rights.require(session.role, OWNERSHIP, what)
        _drop_schema(session, database, schema)
    return status(f"{schema} successfully dropped.")


def use_namespace(reader: Reader, session: Session) -> Result:
    """USE [DATABASE | SCHEMA] name: a database, or a schema with or without its database."""
    reader.expect("USE")
    is_database = reader.accept("DATABASE")
    is_schema = not is_database and reader.accept("SCHEMA")
    parts = reader.path()
    reader.end()
    if not is_schema and len(parts) == 1:
        (database,), schema = parts, "PUBLIC"
        what = Securable(kind="DATABASE", database=database)
    else:
        database, schema, _ = session.namespace.qualify((*parts, "-"))
        what = Securable(kind="SCHEMA", database=database, schema=schema)
    engine = session.engine
    if not engine.catalogue.holds(what) or not engine.rights.sees(session.role, what):
        raise missing(what.kind.capitalize(), str(what))
    has_schema = engine.catalogue.has_schema(database, schema)
    enter(session, database, schema if has_schema else None)
    return status("Statement executed successfully.")


def _created(reader: Reader, kind: str) -> tuple[bool, bool]:
    """Whether to replace, and whether to be content with what is there."""
    reader.expect("CREATE")
    replacing = reader.accept("OR", "REPLACE")
    reader.accept("TRANSIENT")
    reader.expect(kind)
    return replacing, reader.accept("IF", "NOT", "EXISTS")


def _dropped(reader: Reader, kind: str) -> bool:
    reader.expect("DROP", kind)
    return reader.accept("IF", "EXISTS")


def _drop_database(session: Session, name: str) -> None:
    engine = session.engine
    _leave(session, name, None)
    with engine.duck_conn.cursor() as cursor:
        cursor.execute(f"DETACH {quoted(name)}")
    engine.forget(name, None)


def _drop_schema(session: Session, database: str, schema: str) -> None:
    engine = session.engine
    _leave(session, database, schema)
    with engine.duck_conn.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {quoted(database)}.{quoted(schema)} CASCADE")
    engine.forget(database, schema)


def _leave(session: Session, database: str, schema: str | None) -> None:
    """DuckDB drops nothing that is in use: a session that is there has no current schema, or database, afterwards."""
    connection = session.connection
    if connection.database != database or (schema is not None and connection.schema != schema):
        return
    connection._duck_conn.execute("SET schema = 'memory.main'")  # fakesnow has no method for it.
    connection.schema_set = False
    if schema is None:
        connection.database_set = False
