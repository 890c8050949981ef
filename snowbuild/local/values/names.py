"""Databases, schemas and stages by name. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from snowbuild.local.values.results import Refused, compilation
from snowbuild.local.values.rights import Securable
from snowbuild.local.values.tokens import Reader
from snowbuild.sql import quoted

if TYPE_CHECKING:
    from sqlglot import exp

PLAIN_STORED = re.compile(r"[A-Z_][A-Z0-9_$]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """The current database and schema of a session."""

    database: str | None
    schema: str | None

    def qualify(self, parts: tuple[str, ...]) -> tuple[str, str, str]:
        """Complete a name of one to three parts.

        Raises:
            Refused: the session has no current database or schema.
        """
        if len(parts) == 3:
            return parts[0], parts[1], parts[2]
        if self.database is None:
            raise _no_current("database", 90105)
        if len(parts) == 2:
            return self.database, parts[0], parts[1]
        if self.schema is None:
            raise _no_current("schema", 90106)
        return self.database, self.schema, parts[0]


def stored_name(identifier: exp.Identifier) -> str:
    """A name as it is stored, of sqlglot's."""
    return str(identifier.this) if identifier.quoted else str(identifier.this).upper()


def written(name: str) -> str:
    """A stored name as written in SQL; a plain one is not quoted."""
    return name if PLAIN_STORED.fullmatch(name) else quoted(name)


def unknown_function(parts: tuple[str, ...]) -> Refused:
    """The refusal of a call to an unknown function; `parts` are those of its name, as stored."""
    name = ".".join(map(written, parts))
    if len(parts) == 1:
        return compilation(f"Unknown function {name}.", errno=2140, sqlstate="42601")
    return compilation(f"Unknown user-defined function {name}.", errno=2141, sqlstate="42601")


def _no_current(kind: str, errno: int) -> Refused:
    return Refused(
        f"Cannot perform operation. This session does not have a current {kind}. "
        f"Call 'USE {kind.upper()}', or use a qualified name.",
        errno=errno,
        sqlstate="22000",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePath:
    """A place on a named stage."""

    database: str
    schema: str
    stage: str
    path: str
    """Below the stage, without a leading slash; a trailing one is kept."""

    @property
    def full_name(self) -> str:
        """DATABASE.SCHEMA.STAGE, for messages."""
        return f"{self.database}.{self.schema}.{self.stage}"

    @property
    def securable(self) -> Securable:
        """The stage, as an object of privileges."""
        return Securable(kind="STAGE", database=self.database, schema=self.schema, name=self.stage)

    @property
    def reference(self) -> str:
        """What `parse` reads back, whatever the session; plain names stay unquoted."""
        return "@" + ".".join(map(written, (self.database, self.schema, self.stage))) + f"/{self.path}"

    @classmethod
    def parse(cls, reference: str, namespace: Namespace) -> StagePath:
        """Read `@db.schema.stage/some/path`, with any name quoted.

        Raises:
            Refused: not a named stage, or a path that leaves it.
        """
        if not reference.startswith("@") or reference.startswith(("@~", "@%")):
            raise compilation(f"'{reference}' is not a named stage: write @name/path.")
        # The names end at the first slash outside double quotes.
        quoted, end = False, len(reference)
        for index, letter in enumerate(reference):
            if letter == '"':
                quoted = not quoted
            elif letter == "/" and not quoted:
                end = index
                break
        reader = Reader(reference[1:end])
        database, schema, stage = namespace.qualify(reader.path())
        reader.end()
        path = reference[end + 1 :]
        if ".." in PurePosixPath(path).parts or path.startswith("/") or "\0" in path:
            raise compilation(f"'{reference}' leaves its stage.")
        return cls(database=database, schema=schema, stage=stage, path=path)
