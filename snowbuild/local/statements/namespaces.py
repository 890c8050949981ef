"""CREATE, DROP and USE of databases and schemas.

fakesnow has these statements too, but writes names into its SQL without quotes and in capitals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.local.state.namespaces import make_database, make_schema, remove_database
from snowbuild.local.statements.beginnings import begin_create, begin_drop
from snowbuild.local.values.results import Result, already_dropped, already_there, dropped, exists, missing, status
from snowbuild.local.values.rights import OWNERSHIP, Securable
from snowbuild.sql import quoted

if TYPE_CHECKING:
    from snowbuild.local.engine.session import Session
    from snowbuild.local.values.tokens import Reader


def create_database(reader: Reader, session: Session) -> Result | None:
    """CREATE [OR REPLACE] DATABASE [IF NOT EXISTS] name; the session goes there."""
    replacing, if_not_exists = begin_create(reader, "DATABASE")
    name = reader.name()
    if reader.peek("CLONE"):
        return None
    engine, what = session.engine, Securable(kind="DATABASE", database=name)
    with engine.catalogue.lock:
        if engine.catalogue.holds(what):
            if if_not_exists:
                return already_there(name)
            if not replacing:
                raise exists(name)
            _drop_database(session, name)
        with engine.duck_conn.cursor() as cursor:
            make_database(cursor, engine.databases, name)
        engine.rights.grant(what, OWNERSHIP, session.role, session.role)
        engine.rights.grant(
            Securable(kind="SCHEMA", database=name, schema="PUBLIC"), OWNERSHIP, session.role, session.role
        )
    session.enter(name, "PUBLIC")
    return status(f"Database {name} successfully created.")


def create_schema(reader: Reader, session: Session) -> Result | None:
    """CREATE [OR REPLACE] SCHEMA [IF NOT EXISTS] [database.]name; the session goes there."""
    replacing, if_not_exists = begin_create(reader, "SCHEMA")
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
                return already_there(schema)
            if not replacing:
                raise exists(f"{database}.{schema}")
            _drop_schema(session, database, schema)
        with engine.duck_conn.cursor() as cursor:
            make_schema(cursor, database, schema)
        engine.rights.grant(what, OWNERSHIP, session.role, session.role)
    session.enter(database, schema)
    return status(f"Schema {schema} successfully created.")


def drop_database(reader: Reader, session: Session) -> Result:
    """DROP DATABASE [IF EXISTS] name."""
    if_exists = begin_drop(reader, "DATABASE")
    name = reader.name()
    engine, what = session.engine, Securable(kind="DATABASE", database=name)
    with engine.catalogue.lock:
        if not engine.catalogue.holds(what) or not engine.rights.sees(session.role, what):
            if if_exists:
                return already_dropped(name)
            raise missing("Database", name)
        engine.rights.require(session.role, OWNERSHIP, what)
        _drop_database(session, name)
    return dropped(name)


def drop_schema(reader: Reader, session: Session) -> Result:
    """DROP SCHEMA [IF EXISTS] [database.]name."""
    if_exists = begin_drop(reader, "SCHEMA")
    database, schema, _ = session.namespace.qualify((*reader.path(), "-"))
    engine, what = session.engine, Securable(kind="SCHEMA", database=database, schema=schema)
    with engine.catalogue.lock:
        if not engine.catalogue.holds(what) or not engine.rights.sees(session.role, what):
            if if_exists:
                return already_dropped(schema)
            raise missing("Schema", f"{database}.{schema}")
        engine.rights.require(session.role, OWNERSHIP, what)
        _drop_schema(session, database, schema)
    return dropped(schema)


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
    session.enter(database, schema if has_schema else None)
    return status()


def _drop_database(session: Session, name: str) -> None:
    engine = session.engine
    _leave(session, name, None)
    with engine.duck_conn.cursor() as cursor:
        remove_database(cursor, engine.databases, name)
    engine.forget(name, None)


def _drop_schema(session: Session, database: str, schema: str) -> None:
    engine = session.engine
    _leave(session, database, schema)
    with engine.duck_conn.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {quoted(database)}.{quoted(schema)} CASCADE")
    engine.forget(database, schema)


def _leave(session: Session, database: str, schema: str | None) -> None:
    """DuckDB drops nothing that is in use, so sessions in it lose their current schema, or database."""
    connection = session.connection
    if connection.database != database or (schema is not None and connection.schema != schema):
        return
    connection._duck_conn.execute("SET schema = 'memory.main'")  # fakesnow has no method for it.
    connection.schema_set = False
    if schema is None:
        connection.database_set = False
