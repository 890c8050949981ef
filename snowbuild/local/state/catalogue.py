"""What the server stores about functions, stages and packages: tables beside fakesnow's own."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from snowbuild.local.values.definition import FunctionDefinition
from snowbuild.local.values.rights import OWNERSHIP, SCHEMA, Rights, Securable

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from snowbuild.local.values.names import StagePath

KEY = "database_name = ? AND schema_name = ? AND name = ? AND types = ?"

TABLES = f"""
CREATE TABLE IF NOT EXISTS {SCHEMA}._sb_functions (
    database_name TEXT, schema_name TEXT, name TEXT, types TEXT, definition TEXT, comment TEXT, installed TEXT,
    created_on TIMESTAMPTZ, PRIMARY KEY (database_name, schema_name, name, types));
CREATE TABLE IF NOT EXISTS {SCHEMA}._sb_views (
    database_name TEXT, schema_name TEXT, name TEXT, definition TEXT, PRIMARY KEY (database_name, schema_name, name));
CREATE TABLE IF NOT EXISTS {SCHEMA}._sb_packages (
    package_name TEXT, version TEXT, language TEXT, runtime_version TEXT);
CREATE VIEW IF NOT EXISTS {SCHEMA}._sb_functions_view AS
SELECT database_name AS FUNCTION_CATALOG, schema_name AS FUNCTION_SCHEMA, name AS FUNCTION_NAME,
    'SYSADMIN' AS FUNCTION_OWNER, definition->>'$.returns' AS DATA_TYPE, 'PYTHON' AS FUNCTION_LANGUAGE,
    definition->>'$.body' AS FUNCTION_DEFINITION, created_on AS CREATED, created_on AS LAST_ALTERED,
    comment AS COMMENT, definition->>'$.imports' AS IMPORTS, definition->>'$.handler' AS HANDLER,
    definition->>'$.runtime' AS RUNTIME_VERSION, definition->>'$.packages' AS PACKAGES,
    installed AS INSTALLED_PACKAGES, definition->>'$.repository' AS ARTIFACT_REPOSITORY
FROM {SCHEMA}._sb_functions;
"""  # noqa: S608  A constant.


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionRecord:
    """A function in the catalogue."""

    definition: FunctionDefinition
    comment: str
    installed: str
    """A list, as DESCRIBE FUNCTION shows INSTALLED_PACKAGES."""
    created_on: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionKey:
    """What identifies a function."""

    database: str
    schema: str
    name: str
    types: tuple[str, ...]
    session: int = 0
    """The number of the session that it belongs to, if it is temporary."""

    @property
    def row(self) -> tuple[str, str, str, str]:
        """In the order of the tables' key."""
        types = ",".join(self.types) + (f"@{self.session}" if self.session else "")
        return self.database, self.schema, self.name, types

    @property
    def securable(self) -> Securable:
        """The function, as an object of privileges."""
        database, schema, name, types = self.row
        return Securable(kind="FUNCTION", database=database, schema=schema, name=name, types=types)

    def __str__(self) -> str:
        return f"{self.database}.{self.schema}.{self.name}({', '.join(self.types)})"

    @classmethod
    def of(cls, definition: FunctionDefinition) -> FunctionKey:
        """The key of a definition."""
        d = definition
        return cls(database=d.database, schema=d.schema, name=d.name, types=d.types, session=d.session)


class Catalogue:
    """Reads and writes the tables. Safe from any thread; `lock` makes several calls one step."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.lock = threading.RLock()
        connection.execute(TABLES)
        self.rights = Rights(self.rows)

    def rows(self, sql: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement on the tables."""
        # A separate cursor: a session's cursor has its own transaction and schema.
        with self.lock, self._connection.cursor() as cursor:
            return cursor.execute(sql, list(parameters)).fetchall()

    # Functions

    def functions(
        self, *, database: str | None = None, schema: str | None = None, name: str | None = None
    ) -> list[FunctionRecord]:
        """The functions there, or with that name; sorted by name and types."""
        rows = self.rows(
            f"SELECT definition, comment, installed, created_on FROM {SCHEMA}._sb_functions "  # noqa: S608  A constant.
            "WHERE database_name = coalesce(?, database_name) AND schema_name = coalesce(?, schema_name) "
            "AND name = coalesce(?, name) ORDER BY name, types, database_name, schema_name",
            (database, schema, name),
        )
        return [
            FunctionRecord(definition=FunctionDefinition.from_json(d), comment=c, installed=i, created_on=t)
            for d, c, i, t in rows
        ]

    def function(self, key: FunctionKey) -> FunctionRecord | None:
        """The function of exactly these types, and of that session."""
        found = self.functions(database=key.database, schema=key.schema, name=key.name)
        return next((record for record in found if FunctionKey.of(record.definition) == key), None)

    def put_function(self, definition: FunctionDefinition, installed: str, *, owner: str, copy_grants: bool) -> None:
        """Create or replace; grants are dropped unless they are copied, and the acting role becomes the owner."""
        key = FunctionKey.of(definition)
        with self.lock:
            if not copy_grants:
                self.rights.forget(key.securable)
            self.rights.grant(key.securable, OWNERSHIP, owner, owner)
            self.rows(
                f"INSERT OR REPLACE INTO {SCHEMA}._sb_functions VALUES (?, ?, ?, ?, ?, ?, ?, now())",  # noqa: S608  A constant.
                (*key.row, definition.to_json(), definition.comment, installed),
            )

    def drop_function(self, key: FunctionKey) -> None:
        """Forget a function and its grants."""
        with self.lock:
            self.rows(f"DELETE FROM {SCHEMA}._sb_functions WHERE {KEY}", key.row)  # noqa: S608  Constants.
            self.rights.forget(key.securable)

    def comment_function(self, key: FunctionKey, comment: str) -> None:
        """Change the comment."""
        self.rows(f"UPDATE {SCHEMA}._sb_functions SET comment = ? WHERE {KEY}", (comment, *key.row))  # noqa: S608  Constants.

    def rename_function(self, key: FunctionKey, definition: FunctionDefinition) -> None:
        """Move a function and its grants to the name in `definition`."""
        target = FunctionKey.of(definition).row[:3]
        names = "database_name = ?, schema_name = ?, name = ?"
        with self.lock:
            self.rows(
                f"UPDATE {SCHEMA}._sb_functions SET {names}, definition = ? WHERE {KEY}",  # noqa: S608  Constants.
                (*target, definition.to_json(), *key.row),
            )
            self.rights.move(key.securable, FunctionKey.of(definition).securable)

    # Stages: fakesnow's table, so that its COPY INTO finds them

    def has_stage(self, place: StagePath) -> bool:
        """Whether the stage exists."""
        return bool(self.stages(database=place.database, schema=place.schema, name=place.stage))

    def stages(
        self, *, database: str | None = None, schema: str | None = None, name: str | None = None
    ) -> list[dict[str, Any]]:
        """The stages there, by the columns of SHOW STAGES; sorted by name."""
        columns = (
            "created_on, name, database_name, schema_name, url, has_credentials, has_encryption_key, owner, comment, "
            "region, type, cloud, notification_channel, storage_integration, endpoint, owner_role_type, "
            "directory_enabled"
        )
        rows = self.rows(
            f"SELECT {columns} FROM {SCHEMA}._fs_stages WHERE database_name = coalesce(?, database_name) "  # noqa: S608  Constants.
            "AND schema_name = coalesce(?, schema_name) AND name = coalesce(?, name) ORDER BY name",
            (database, schema, name),
        )
        return [dict(zip(columns.split(", "), row, strict=True)) for row in rows]

    def put_stage(self, place: StagePath, comment: str, *, owner: str, temporary: bool, directory: bool) -> None:
        """Create a stage, or replace its entry; privileges on the previous one are dropped."""
        self.rights.forget(place.securable)
        self.rights.grant(place.securable, OWNERSHIP, owner, owner)
        self.rows(
            f"INSERT OR REPLACE INTO {SCHEMA}._fs_stages (created_on, name, database_name, schema_name, url, "  # noqa: S608  A constant.
            "has_credentials, has_encryption_key, owner, comment, type, owner_role_type, directory_enabled) "
            "VALUES (now(), ?, ?, ?, '', 'N', 'N', ?, ?, ?, 'ROLE', ?)",
            (
                place.stage, place.database, place.schema, owner, comment,
                "INTERNAL TEMPORARY" if temporary else "INTERNAL", "Y" if directory else "N",
            ),
        )  # fmt: skip

    def drop_stage(self, place: StagePath) -> None:
        """Forget a stage."""
        self.rows(
            f"DELETE FROM {SCHEMA}._fs_stages WHERE database_name = ? AND schema_name = ? AND name = ?",  # noqa: S608  A constant.
            (place.database, place.schema, place.stage),
        )
        self.rights.forget(place.securable)

    def temporary_stages(self) -> list[StagePath]:
        """Stages that should have ended with their session."""
        from snowbuild.local.values.names import StagePath

        return [
            StagePath(database=s["database_name"], schema=s["schema_name"], stage=s["name"], path="")
            for s in self.stages()
            if "TEMPORARY" in s["type"]
        ]

    def drop_file_format(self, database: str, schema: str, name: str) -> bool:
        """Forget a file format, which is fakesnow's as well; whether there was one."""
        sql = (
            f"DELETE FROM {SCHEMA}._fs_file_formats WHERE database_name = ? AND schema_name = ? AND name = ? "  # noqa: S608  A constant.
            "RETURNING name"
        )
        return bool(self.rows(sql, (database, schema, name)))

    # Views: DuckDB's own definition of one calls macros

    def put_view(self, name: tuple[str, str, str], definition: str, *, replace: bool) -> None:
        """Remember how a view was written; `replace`: though something is remembered of one of that name."""
        action = "REPLACE" if replace else "IGNORE"
        self.rows(f"INSERT OR {action} INTO {SCHEMA}._sb_views VALUES (?, ?, ?, ?)", (*name, definition))  # noqa: S608  Constants.

    def drop_view(self, name: tuple[str, str, str]) -> None:
        """Forget a view."""
        self.rows(
            f"DELETE FROM {SCHEMA}._sb_views WHERE database_name = ? AND schema_name = ? AND name = ?",  # noqa: S608  A constant.
            name,
        )

    # Databases and packages

    def has_schema(self, database: str, schema: str) -> bool:
        """Whether the database and the schema in it exist."""
        sql = "SELECT 1 FROM system.information_schema.schemata WHERE catalog_name = ? AND schema_name = ?"
        return bool(self.rows(sql, (database, schema)))

    def has_database(self, database: str) -> bool:
        """Whether the database exists."""
        sql = "SELECT 1 FROM duckdb_databases() WHERE database_name = ? AND NOT internal"
        return bool(self.rows(sql, (database,)))

    def holds(self, what: Securable) -> bool:
        """Whether an object exists; the catalogue does not know warehouses."""
        match what.kind:
            case "DATABASE":
                return self.has_database(what.database)
            case "SCHEMA":
                return self.has_schema(what.database, what.schema)
            case "STAGE":
                return bool(self.stages(database=what.database, schema=what.schema, name=what.name))
            case "FUNCTION":
                found = self.functions(database=what.database, schema=what.schema, name=what.name)
                return any(FunctionKey.of(record.definition).securable == what for record in found)
        return True

    def drop_namespace(self, database: str, schema: str | None) -> list[FunctionRecord]:
        """Forget the content of a dropped database or schema; returns its functions."""
        with self.lock:
            functions = self.functions(database=database, schema=schema)
            self.rights.forget_within(database, schema)
            for table in ("_sb_functions", "_sb_views", "_fs_stages"):
                self.rows(
                    f"DELETE FROM {SCHEMA}.{table} WHERE database_name = ? AND schema_name = coalesce(?, schema_name)",  # noqa: S608  Constants.
                    (database, schema),
                )
        return functions

    def put_packages(self, packages: Iterable[tuple[str, str, str | None]]) -> None:
        """Replace the content of INFORMATION_SCHEMA.PACKAGES: name, version, runtime version."""
        # One statement for all: a whole channel has tens of thousands of rows.
        columns = [list(column) for column in zip(*packages, strict=True)]
        with self.lock, self._connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {SCHEMA}._sb_packages")  # noqa: S608  A constant.
            if columns:
                cursor.execute(
                    f"INSERT INTO {SCHEMA}._sb_packages SELECT unnest(?), unnest(?), 'python', unnest(?)",
                    columns,
                )
