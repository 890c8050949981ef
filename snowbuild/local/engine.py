"""The embedded Snowflake below its port: databases, stages, functions and sessions under one folder."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import hmac
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import duckdb
from fakesnow import info_schema
from fakesnow.instance import FakeSnow
from fakesnow.transforms import show, stage

from snowbuild.errors import ConfigError
from snowbuild.local import offered
from snowbuild.local.catalogue import Catalogue
from snowbuild.local.cursor import LocalConnection
from snowbuild.local.function import PythonFunction
from snowbuild.local.names import Namespace, StagePath
from snowbuild.local.namespaces import attach, database_file, database_name, enter, make_database, make_schema
from snowbuild.local.packages import function_environment, installed
from snowbuild.local.results import Refused, missing
from snowbuild.local.rights import ADMINISTRATORS, Rights, Securable
from snowbuild.local.sqltypes import boundary_type
from snowbuild.local.stages import StageFiles
from snowbuild.local.tokens import Kind, Reader
from snowbuild.local.warehouses import Warehouses, usable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from snowbuild.local.definition import FunctionDefinition
    from snowbuild.local.function import Files

BATCH_TIMEOUT_S = 180.0
"""Snowflake's own limit for one batch of a vectorized function (docs: developer-guide/udf/python/udf-python-batch)."""
ACCOUNT = "LOCAL"
NO_REGEX = [r"\s*alter\s+session\s+(un)?set\s+query_tag"]


@dataclass(slots=True)
class Session:
    """What one client's session has chosen."""

    engine: Engine
    connection: LocalConnection
    role: str = "SYSADMIN"
    warehouse: str | None = "LOCAL_WH"
    user: str = "LOCAL"
    temporary_stages: list[StagePath] = field(default_factory=list)

    @property
    def namespace(self) -> Namespace:
        """The current database and schema."""
        connection = self.connection
        return Namespace(
            database=connection.database if connection.database_set else None,
            schema=connection.schema if connection.schema_set else None,
        )

    def scope(self, reader: Reader) -> tuple[Callable[[str], bool], str | None, str | None]:
        """`[LIKE '…'] [IN …]` of a SHOW: a test for names, the database and the schema to look in."""
        like = _like(reader.take(Kind.STRING)) if reader.accept("LIKE") else re.compile(".*", re.DOTALL)
        database, schema = self.namespace.database, None
        if reader.accept("IN"):
            if reader.accept("ACCOUNT"):
                database = None
            elif reader.accept("DATABASE"):
                database = reader.name() if reader.here is not None else database
            else:
                reader.accept("SCHEMA")
                parts = reader.path() if reader.here is not None else (self.namespace.qualify(("-",))[1],)
                database, schema, _ = self.namespace.qualify((*parts, "-"))
        reader.end()
        return lambda name: like.fullmatch(name) is not None, database, schema

    def sees(self, what: Securable) -> bool:
        """Whether something is there for the session's role."""
        return self.engine.rights.sees(self.role, what)

    def may_use(self, what: Securable) -> bool:
        """Whether the session's role may use something."""
        return self.engine.rights.allows(self.role, "USAGE", what)

    def roles(self) -> frozenset[str]:
        """Those whose privileges the session has."""
        return self.engine.rights.inherited(self.role)

    def require(self, privilege: str, what: Securable) -> None:
        """See to it that the session's role has a privilege.

        Raises:
            Refused: it has not.
        """
        self.engine.rights.require(self.role, privilege, what)

    def may_create(self, kind: str, database: str, schema: str) -> None:
        """See to it that something may be created in a schema.

        Raises:
            Refused: there is no such schema that the role may use, or nothing of that kind may be created there.
        """
        place = Securable(kind="SCHEMA", database=database, schema=schema)
        usable = (Securable(kind="DATABASE", database=database), place)
        rights, catalogue = self.engine.rights, self.engine.catalogue
        if not catalogue.holds(place) or not all(rights.allows(self.role, "USAGE", what) for what in usable):
            raise missing("Schema", f"{database}.{schema}")
        self.require(f"CREATE {kind}", place)

    def may_see_stage(self, place: StagePath) -> None:
        """See to it that a stage is there for the role.

        Raises:
            Refused: it is not.
        """
        if not self.engine.catalogue.has_stage(place) or not self.sees(place.securable):
            raise missing("Stage", place.full_name)

    def may_use_stage(self, privilege: str, place: StagePath) -> None:
        """See to it that the role may READ or WRITE a stage.

        Raises:
            Refused: the stage is not there, or the role has not the privilege.
        """
        self.may_see_stage(place)
        self.require(privilege, place.securable)

    def context(self) -> dict[str, str | None]:
        """The values of the context functions that fakesnow does not know."""
        return {
            "CURRENT_ACCOUNT": ACCOUNT, "CURRENT_ACCOUNT_NAME": ACCOUNT, "CURRENT_ORGANIZATION_NAME": ACCOUNT,
            "CURRENT_REGION": ACCOUNT, "CURRENT_USER": self.user, "CURRENT_ROLE": self.role,
            "CURRENT_WAREHOUSE": self.warehouse, "SYSTEM$CANCEL_ALL_QUERIES": "0",
            "CURRENT_DATABASE": self.namespace.database, "CURRENT_SCHEMA": self.namespace.schema,
        }  # fmt: skip

    def close(self) -> None:
        """End the session; its temporary stages go with it."""
        for place in self.temporary_stages:
            self.engine.catalogue.drop_stage(place)
            self.engine.files.drop(place)
        self.connection.close()


def _like(pattern: str) -> re.Pattern[str]:
    """SQL's LIKE as SHOW has it: without regard to case."""
    parts = (".*" if letter == "%" else "." if letter == "_" else re.escape(letter) for letter in pattern)
    return re.compile("".join(parts), re.DOTALL | re.IGNORECASE)


class Engine(FakeSnow):
    """One DuckDB instance with everything in it; one per process, because DuckDB's files belong to one.

    The constructor of the base class is not called: it opens its global database in memory, and this one has to
    survive a restart.
    """

    def __init__(  # pyright: ignore[reportMissingSuperCall]
        self,
        root: Path,
        *,
        lock: Path | None = None,
        channel: Path | None = None,
        batch_timeout_s: float = BATCH_TIMEOUT_S,
    ) -> None:
        self.root = root.absolute()
        self.lock = lock
        self._channel = channel
        self._offered: object = None
        self.batch_timeout_s = batch_timeout_s
        self.secret = b""
        """Signs upload URLs; set by the server."""
        self.base_url = ""
        self._functions: dict[str, PythonFunction] = {}
        self._registering = threading.RLock()
        self.databases = self.root / "databases"
        self.databases.mkdir(parents=True, exist_ok=True)
        self.files = StageFiles(self.root / "stages")
        self.files.root.mkdir(exist_ok=True)
        # A global of fakesnow's module, which its COPY INTO reads.
        stage.LOCAL_BUCKET_PATH = str(self.files.root)
        # Databases are made by our own statements; fakesnow's connections find them where they are.
        self.create_database_on_connect = self.create_schema_on_connect = False
        self.db_path = None
        self.nop_regexes = NO_REGEX
        self.results_cache: dict[str, tuple[Any, ...]] = {}
        # sqlglot writes lambdas as `x -> …`, which DuckDB 2 reads on demand only.
        self.duck_conn = duckdb.connect(":memory:", config={"lambda_syntax": "ENABLE_SINGLE_ARROW"})
        attach(self.duck_conn, self.root / "global.db", "_fs_global")
        self.duck_conn.execute(info_schema.fs_global_creation_sql())
        self.duck_conn.execute(show.fs_global_creation_sql())
        self.duck_conn.execute("SET GLOBAL TimeZone = 'UTC'")
        self.catalogue = Catalogue(self.duck_conn)
        self.warehouses = Warehouses(self.catalogue.rows)
        for file in sorted(self.databases.glob("*.db")):
            attach(self.duck_conn, file, database_name(file))
        for place in self.catalogue.temporary_stages():
            self.catalogue.drop_stage(place)
            self.files.drop(place)
        # Views call functions under the names that they are registered by.
        for record in self.catalogue.functions():
            self.register(record.definition)

    def holds(self, what: Securable) -> bool:
        """Whether what somebody names is there."""
        return what.name in self.warehouses.all() if what.kind == "WAREHOUSE" else self.catalogue.holds(what)

    @property
    def rights(self) -> Rights:
        """Who may do what."""
        return self.catalogue.rights

    def open_session(
        self, *, database: str | None, schema: str | None, role: str | None, warehouse: str | None, autocommit: bool
    ) -> LocalConnection:
        """Start a session; for an administrator, a database and schema that do not exist are created.

        A database, schema or warehouse that is not there, or that the role may not use, is not the current one then.

        Raises:
            Refused: there is no such role.
        """
        if role is not None and role not in self.rights.roles():
            raise Refused(
                f"Role '{role}' specified in the connect string does not exist or not authorized. Contact your local "
                "system administrator, or attempt to login with another role, e.g. PUBLIC.",
                errno=390189,
                sqlstate="08001",
            )
        self._update_packages()
        with self.catalogue.lock:
            connection = LocalConnection(
                self.duck_conn.cursor(), self.results_cache,
                create_database=False, create_schema=False, nop_regexes=self.nop_regexes, autocommit=autocommit,
            )  # fmt: skip
            session = connection.session = Session(engine=self, connection=connection)
            session.role = role or session.role
            if warehouse is not None:
                session.warehouse = warehouse if usable(session, warehouse) else None
            if database is not None:
                self._enter(session, database, schema or "PUBLIC")
        return connection

    def _enter(self, session: Session, database: str, schema: str) -> None:
        administers = bool(self.rights.inherited(session.role) & ADMINISTRATORS)
        with self.duck_conn.cursor() as cursor:
            if administers and not self.catalogue.has_database(database):
                make_database(cursor, self.databases, database)
            if administers and not self.catalogue.has_schema(database, schema):
                make_schema(cursor, database, schema)
        place = Securable(kind="SCHEMA", database=database, schema=schema)
        if self.catalogue.holds(place) and session.sees(place):
            enter(session, database, schema)
        elif self.catalogue.has_database(database) and session.sees(Securable(kind="DATABASE", database=database)):
            enter(session, database, None)

    def _update_packages(self) -> None:
        """Show what the channel's file holds now; one that has been broken since changes nothing."""
        with self.catalogue.lock, contextlib.suppress(ConfigError, OSError):
            state = offered.state(self._channel)
            if state != self._offered:
                self.catalogue.put_packages(offered.rows(self._channel))
                self._offered = state

    def install(self, definition: FunctionDefinition) -> tuple[str, ...]:
        """Build the environment of a function; gives what is installed there.

        Raises:
            SnowbuildError: it cannot be built.
        """
        return installed(self._environment(definition), self.lock)

    def _environment(self, definition: FunctionDefinition) -> Any:
        return function_environment(
            self.root / "environments", runtime=definition.runtime, packages=definition.packages, lock=self.lock
        )

    def imported(self, place: StagePath) -> Files:
        """The files that an import stands for: name below the import directory, and where it is; empty if missing.

        A trailing slash imports a folder under its own name, and `=name/` behind it under another (docs:
        developer-guide/udf/python/udf-python-examples).
        """
        if not place.path.endswith("/"):
            file = self.files.file(place)
            return [(file.name, file)] if file.is_file() else []
        folder, _, renamed = place.path.rstrip("/").partition("/=")
        name = renamed or folder.rpartition("/")[2] or place.stage
        prefix = StagePath(database=place.database, schema=place.schema, stage=place.stage, path=f"{folder}/")
        return [(f"{name}/{s.path[len(prefix.path) :]}", s.file) for s in self.files.list(prefix)]

    def register(self, definition: FunctionDefinition) -> None:
        """Make a definition callable from DuckDB under its id, once."""
        with self._registering:
            if definition.id in self._functions:
                return
            nowhere = Namespace(database=None, schema=None)
            places = [StagePath.parse(reference, nowhere) for reference in definition.imports]
            function = PythonFunction(
                definition,
                interpreter=lambda: self._environment(definition).python,
                files=lambda: [pair for place in places for pair in self._found(place)],
                batch_timeout_s=self.batch_timeout_s,
            )
            parameters = [boundary_type(a.type) for a in definition.arguments] or ["BOOLEAN"]
            # DuckDB's own stubs know neither Arrow functions by name nor what they are called with.
            create: Any = self.duck_conn.create_function
            create(
                definition.id, function, parameters, boundary_type(definition.returns),
                type="arrow", null_handling="special", side_effects=True,
            )  # fmt: skip
            self._functions[definition.id] = function

    def _found(self, place: StagePath) -> Files:
        # What is missing is named by its base name, so that starting the worker says which file it was.
        return self.imported(place) or [(place.path.rpartition("/")[2], self.files.file(place))]

    def retire(self, definition: FunctionDefinition) -> None:
        """Stop the worker of a definition that was replaced or dropped; queries that still call it restart it."""
        function = self._functions.get(definition.id)
        if function is not None:
            threading.Thread(target=function.close, daemon=True).start()

    def forget(self, database: str, schema: str | None) -> None:
        """Clean up behind a dropped database or schema."""
        for record in self.catalogue.drop_namespace(database, schema):
            self.retire(record.definition)
        self.files.drop_namespace(database, schema)
        if schema is None:
            for file in self.databases.glob(f"{glob.escape(database_file(self.databases, database).name)}*"):
                file.unlink(missing_ok=True)

    def upload_url(self, target: StagePath, *, keep: bool) -> str:
        """Where a client may PUT one file, without any other credential; `keep`: what it sends is thrown away."""
        if keep:
            return f"{self.base_url}/snowbuild/discard"
        path = self.files.file(target).relative_to(self.files.root).as_posix()
        return f"{self.base_url}/snowbuild/files/{self.sign(path)}/{quote(path)}"

    def sign(self, path: str) -> str:
        """The proof that this server allowed an upload."""
        return hmac.new(self.secret, path.encode(), hashlib.sha256).hexdigest()

    def close(self) -> None:
        """Stop all workers and write everything down."""
        for function in self._functions.values():
            function.close()
        self.duck_conn.close()
