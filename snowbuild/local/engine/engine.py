"""The embedded Snowflake behind its port: databases, stages and functions in one folder."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import duckdb
from fakesnow import info_schema
from fakesnow.transforms import show, stage

from snowbuild.errors import ConfigError
from snowbuild.local.engine.cursor import LocalConnection
from snowbuild.local.engine.session import DEFAULT_TIMEOUT_S, Session
from snowbuild.local.functions.registry import Registry
from snowbuild.local.state import offered
from snowbuild.local.state.catalogue import Catalogue, FunctionKey
from snowbuild.local.state.namespaces import attach, database_name, make_database, make_schema
from snowbuild.local.state.stages import StageFiles
from snowbuild.local.state.warehouses import Warehouses
from snowbuild.local.values.results import Refused
from snowbuild.local.values.rights import ADMINISTRATORS, OWNER, Rights, Securable

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.local.values.definition import FunctionDefinition
    from snowbuild.local.values.names import StagePath

BATCH_TIMEOUT_S = 180.0
"""Snowflake's own limit for one batch of a vectorized function (docs: developer-guide/udf/python/udf-python-batch)."""


class Engine:
    """One DuckDB instance with everything in it; one per process, because DuckDB locks its files."""

    def __init__(
        self,
        root: Path,
        *,
        lock: Path | None = None,
        channel: Path | None = None,
        batch_timeout_s: float = BATCH_TIMEOUT_S,
    ) -> None:
        self.root = root.absolute()
        self._channel = channel
        self._offered: object = None
        self.secret = b""
        """Signs upload URLs; set by the server."""
        self.base_url = ""
        self.databases = self.root / "databases"
        self.databases.mkdir(parents=True, exist_ok=True)
        self.files = StageFiles(self.root / "stages")
        self.files.root.mkdir(exist_ok=True)
        # A global of fakesnow's module, which its COPY INTO reads.
        stage.LOCAL_BUCKET_PATH = str(self.files.root)
        self.results_cache: dict[str, tuple[Any, ...]] = {}
        """Results by the id of their query, as fakesnow keeps them."""
        # sqlglot writes lambdas as `x -> …`, which DuckDB 2 only accepts with this setting.
        self.duck_conn = duckdb.connect(":memory:", config={"lambda_syntax": "ENABLE_SINGLE_ARROW"})
        attach(self.duck_conn, self.root / "global.db", "_fs_global")
        self.duck_conn.execute(info_schema.fs_global_creation_sql())
        self.duck_conn.execute(show.fs_global_creation_sql())
        self.duck_conn.execute("SET GLOBAL TimeZone = 'UTC'")
        self.catalogue = Catalogue(self.duck_conn)
        self.functions = Registry(
            self.duck_conn, self.files, self.root / "environments", lock=lock, batch_timeout_s=batch_timeout_s
        )
        self.warehouses = Warehouses(self.catalogue.rows)
        for file in sorted(self.databases.glob("*.db")):
            attach(self.duck_conn, file, database_name(file))
        for place in self.catalogue.temporary_stages():
            self.catalogue.drop_stage(place)
            self.files.drop(place)
        for record in self.catalogue.functions():
            if record.definition.temporary:
                self.catalogue.drop_function(FunctionKey.of(record.definition))
            else:
                self.functions.put(FunctionKey.of(record.definition), record.definition)

    def holds(self, what: Securable) -> bool:
        """Whether an object exists."""
        return what.name in self.warehouses.all() if what.kind == "WAREHOUSE" else self.catalogue.holds(what)

    @property
    def rights(self) -> Rights:
        """Who may do what."""
        return self.catalogue.rights

    def open_session(
        self,
        *,
        database: str | None,
        schema: str | None,
        role: str | None,
        warehouse: str | None,
        autocommit: bool = True,
        timeout_s: int | None = None,
    ) -> Session:
        """Start a session; for an administrator, a database and schema that do not exist are created.

        A database, schema or warehouse that does not exist, or that the role may not use, does not become current.

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
            # Databases are made by our own statements; fakesnow's connections find them where they are.
            connection = LocalConnection(
                self.duck_conn.cursor(), self.results_cache,
                create_database=False, create_schema=False, autocommit=autocommit,
            )  # fmt: skip
            session = connection.session = Session(
                self, connection, role=role or OWNER, timeout_s=DEFAULT_TIMEOUT_S if timeout_s is None else timeout_s
            )
            if warehouse is not None:
                session.warehouse = warehouse if session.may_use_warehouse(warehouse) else None
            if database is not None:
                self._enter(session, database, schema or "PUBLIC")
        return session

    def _enter(self, session: Session, database: str, schema: str) -> None:
        administers = bool(self.rights.inherited(session.role) & ADMINISTRATORS)
        with self.duck_conn.cursor() as cursor:
            if administers and not self.catalogue.has_database(database):
                make_database(cursor, self.databases, database)
            if administers and not self.catalogue.has_schema(database, schema):
                make_schema(cursor, database, schema)
        place = Securable(kind="SCHEMA", database=database, schema=schema)
        if self.catalogue.holds(place) and session.sees(place):
            session.enter(database, schema)
        elif self.catalogue.has_database(database) and session.sees(Securable(kind="DATABASE", database=database)):
            session.enter(database, None)

    def _update_packages(self) -> None:
        """Reload the channel's file; if it is broken now, nothing changes."""
        with self.catalogue.lock, contextlib.suppress(ConfigError, OSError):
            state = offered.state(self._channel)
            if state != self._offered:
                self.catalogue.put_packages(offered.rows(self._channel))
                self._offered = state

    def repodata(self, subdir: str) -> str:
        """conda's index of a platform of the channel."""
        return offered.repodata_of(self._channel, subdir)

    def interrupt_calls(self, connection: int) -> None:
        """Stop the handlers' batches that a connection is waiting for."""
        self.functions.interrupt(connection)

    def drop_function(self, definition: FunctionDefinition) -> None:
        """Forget a function, and stop its worker."""
        key = FunctionKey.of(definition)
        self.catalogue.drop_function(key)
        self.functions.drop(key)
        self.functions.retire(definition)

    def forget(self, database: str, schema: str | None) -> None:
        """Clean up behind a dropped database or schema."""
        for record in self.catalogue.drop_namespace(database, schema):
            self.functions.drop(FunctionKey.of(record.definition))
            self.functions.retire(record.definition)
        self.files.drop_namespace(database, schema)

    def upload_url(self, target: StagePath, *, keep: bool) -> str:
        """Where a client may PUT one file without other credentials; with `keep`, what it sends is discarded."""
        if keep:
            return f"{self.base_url}/snowbuild/discard"
        path = self.files.file(target).relative_to(self.files.root).as_posix()
        return f"{self.base_url}/snowbuild/files/{self.sign(path)}/{quote(path)}"

    def sign(self, path: str) -> str:
        """The proof that this server allowed an upload."""
        return hmac.new(self.secret, path.encode(), hashlib.sha256).hexdigest()

    def close(self) -> None:
        """Stop all workers, and write everything to disk."""
        self.functions.close()
        self.duck_conn.close()
