"""The choices of one client's session, and what its role may do."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from snowbuild.local.state.warehouses import LONGEST_S
from snowbuild.local.values.names import Namespace, StagePath
from snowbuild.local.values.results import Refused, missing
from snowbuild.local.values.rights import Securable
from snowbuild.local.values.tokens import Kind, Reader
from snowbuild.sql import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowbuild.local.engine.cursor import LocalConnection
    from snowbuild.local.engine.engine import Engine
    from snowbuild.local.state.catalogue import FunctionKey, FunctionRecord

ACCOUNT = "LOCAL"

DEFAULT_TIMEOUT_S = 172_800
"""docs: sql-reference/parameters, STATEMENT_TIMEOUT_IN_SECONDS"""


class Session:
    """A session, which runs one statement at a time."""

    def __init__(self, engine: Engine, connection: LocalConnection, *, role: str, timeout_s: int) -> None:
        self.engine = engine
        self.connection = connection
        self.role = role
        self.warehouse: str | None = "LOCAL_WH"
        self.user = "LOCAL"
        self.number = secrets.randbelow(2**48)
        """For the client to name the session."""
        self.client: str | None = None
        """The client's name and version."""
        self.timeout_s = timeout_s
        """STATEMENT_TIMEOUT_IN_SECONDS of the session; 0 is the longest possible one."""
        self.last_query: str | None = None
        """The id of the last statement that was answered."""
        self.stopped: Refused | None = None
        """Why the running statement was told to stop."""
        self.temporary_stages: list[StagePath] = []
        self.temporary_functions: set[FunctionKey] = set()
        self.temporary_tables: set[tuple[str, str, str]] = set()
        """Of those that were created under a full name."""

    @property
    def namespace(self) -> Namespace:
        """The current database and schema."""
        connection = self.connection
        return Namespace(
            database=connection.database if connection.database_set else None,
            schema=connection.schema if connection.schema_set else None,
        )

    def enter(self, database: str, schema: str | None) -> None:
        """Make a database current, and a schema if one is given."""
        connection = self.connection
        path = f"{quoted(database)}.{quoted(schema or 'main')}".replace("'", "''")
        connection._duck_conn.execute(f"SET schema = '{path}'")  # fakesnow has no method for it.
        connection.database, connection.database_set = database, True
        connection._schema, connection.schema_set = schema, schema is not None  # Nor for this.

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

    def functions(self, *, database: str | None, schema: str | None, name: str | None = None) -> list[FunctionRecord]:
        """The functions there, or with that name, except those of other sessions."""
        found = self.engine.catalogue.functions(database=database, schema=schema, name=name)
        return [record for record in found if record.definition.session in (0, self.number)]

    def sees(self, what: Securable) -> bool:
        """Whether the session's role can see an object."""
        return self.engine.rights.sees(self.role, what)

    def may_use(self, what: Securable) -> bool:
        """Whether the session's role may use an object."""
        return self.engine.rights.allows(self.role, "USAGE", what)

    def may_use_warehouse(self, name: str) -> bool:
        """Whether the warehouse exists and the session's role may use it."""
        return name in self.engine.warehouses.all() and self.may_use(Securable(kind="WAREHOUSE", name=name))

    @property
    def limit_s(self) -> int:
        """How long a statement may take: the session's limit or the warehouse's, whichever is shorter."""
        of_warehouse = self.engine.warehouses.timeouts_s.get(self.warehouse or "", LONGEST_S)
        return min(self.timeout_s or LONGEST_S, of_warehouse)

    def roles(self) -> frozenset[str]:
        """The roles whose privileges the session has."""
        return self.engine.rights.inherited(self.role)

    def require(self, privilege: str, what: Securable) -> None:
        """Check that the session's role has a privilege.

        Raises:
            Refused: it does not.
        """
        self.engine.rights.require(self.role, privilege, what)

    def may_create(self, kind: str, database: str, schema: str) -> None:
        """Check that an object may be created in a schema.

        Raises:
            Refused: there is no such schema that the role may use, or it may not create such objects there.
        """
        place = Securable(kind="SCHEMA", database=database, schema=schema)
        usable = (Securable(kind="DATABASE", database=database), place)
        if not self.engine.catalogue.holds(place) or not all(map(self.may_use, usable)):
            raise missing("Schema", f"{database}.{schema}")
        self.require(f"CREATE {kind}", place)

    def may_see_stage(self, place: StagePath) -> None:
        """Check that the role can see a stage.

        Raises:
            Refused: it cannot.
        """
        if not self.engine.catalogue.has_stage(place) or not self.sees(place.securable):
            raise missing("Stage", place.full_name)

    def may_use_stage(self, privilege: str, place: StagePath) -> None:
        """Check that the role may READ or WRITE a stage.

        Raises:
            Refused: the stage does not exist, or the role does not have the privilege.
        """
        self.may_see_stage(place)
        self.require(privilege, place.securable)

    def context(self) -> dict[str, str | None]:
        """The values of the context functions that fakesnow does not know."""
        return {
            "CURRENT_ACCOUNT": ACCOUNT, "CURRENT_ACCOUNT_NAME": ACCOUNT, "CURRENT_ORGANIZATION_NAME": ACCOUNT,
            "CURRENT_REGION": ACCOUNT, "CURRENT_USER": self.user, "CURRENT_ROLE": self.role,
            "CURRENT_WAREHOUSE": self.warehouse, "SYSTEM$CANCEL_ALL_QUERIES": "0",
            "SYSTEM$CANCEL_QUERY": "0",
            "CURRENT_DATABASE": self.namespace.database, "CURRENT_SCHEMA": self.namespace.schema,
            "LAST_QUERY_ID": self.last_query, "CURRENT_SESSION": str(self.number), "CURRENT_CLIENT": self.client,
        }  # fmt: skip

    def go_on(self) -> None:
        """Called when a long statement is about to take effect.

        Raises:
            Refused: it has been told to stop.
        """
        if self.stopped is not None:
            raise self.stopped

    def interrupt(self) -> None:
        """Stop what is running now, in DuckDB or in a function's handler. Safe from any thread.

        Later queries are not affected: DuckDB forgets an interruption when the next query starts.
        """
        self.connection.interrupt()
        self.engine.interrupt_calls(self.connection.number)

    def close(self) -> None:
        """End the session; its temporary stages and functions go with it."""
        for place in self.temporary_stages:
            self.engine.catalogue.drop_stage(place)
            self.engine.files.drop(place)
        for key in self.temporary_functions:
            if (record := self.engine.catalogue.function(key)) is not None:
                self.engine.drop_function(record.definition)
        self.connection.close()


def _like(pattern: str) -> re.Pattern[str]:
    """SQL's LIKE as in SHOW: ignoring case."""
    parts = (".*" if letter == "%" else "." if letter == "_" else re.escape(letter) for letter in pattern)
    return re.compile("".join(parts), re.DOTALL | re.IGNORECASE)
