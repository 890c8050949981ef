"""Roles, their inheritance and their privileges: tables beside the catalogue's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from snowbuild.local.values.results import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SCHEMA = "_fs_global._fs_information_schema"
"""The DuckDB schema of fakesnow's tables, and of ours."""
WHAT = "kind = ? AND database_name = ? AND schema_name = ? AND name = ? AND types = ?"

TABLES = f"""
CREATE TABLE IF NOT EXISTS {SCHEMA}._sb_roles (name TEXT PRIMARY KEY, comment TEXT, created_on TIMESTAMPTZ);
CREATE TABLE IF NOT EXISTS {SCHEMA}._sb_role_grants (
    role TEXT, grantee TEXT, created_on TIMESTAMPTZ, PRIMARY KEY (role, grantee));
CREATE TABLE IF NOT EXISTS {SCHEMA}._sb_privileges (
    kind TEXT, database_name TEXT, schema_name TEXT, name TEXT, types TEXT, privilege TEXT, role TEXT,
    granted_by TEXT, created_on TIMESTAMPTZ,
    PRIMARY KEY (kind, database_name, schema_name, name, types, privilege, role));
"""

ADMINISTRATORS = frozenset({"ACCOUNTADMIN", "SYSADMIN"})
"""Roles that may do everything: the user who starts the local Snowflake owns it."""

BUILT_IN = ("ACCOUNTADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN")

# docs: user-guide/security-access-control-overview; for the last two, developer-guide/udf/python/udf-python-packages.
INHERITED = (
    ("SYSADMIN", "ACCOUNTADMIN"),
    ("SECURITYADMIN", "ACCOUNTADMIN"),
    ("USERADMIN", "SECURITYADMIN"),
    ("SNOWFLAKE.PYPI_REPOSITORY_USER", "PUBLIC"),
    ("SNOWFLAKE.ANACONDA_REPOSITORY_USER", "PUBLIC"),
)
"""A role, and who has it initially; a role with a dot is a database role."""

OWNERSHIP = "OWNERSHIP"
OWNER = "SYSADMIN"
"""Of what nobody took over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Securable:
    """An object that privileges apply to; fields that its kind does not have are empty."""

    kind: str
    """DATABASE, SCHEMA, STAGE, FUNCTION or WAREHOUSE."""
    database: str = ""
    schema: str = ""
    name: str = ""
    """Of a stage, function or warehouse."""
    types: str = ""
    """Of a function's arguments, with commas between."""

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """In the order of the table's key."""
        return self.kind, self.database, self.schema, self.name, self.types

    def __str__(self) -> str:
        name = ".".join(part for part in (self.database, self.schema, self.name) if part)
        return f"{name}({self.types.replace(',', ', ')})" if self.kind == "FUNCTION" else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A role's privilege on an object."""

    what: Securable
    privilege: str
    role: str
    granted_by: str
    created_on: datetime | None


class Rights:
    """Reads and writes the tables; `rows` runs a statement, in any thread."""

    def __init__(self, rows: Callable[[str, Iterable[Any]], list[tuple[Any, ...]]]) -> None:
        self._rows = rows
        for statement in filter(str.strip, TABLES.split(";")):
            rows(statement, ())
        if not self.roles():
            for name in BUILT_IN:
                self.create_role(name, "")
            for role, grantee in INHERITED:
                self.grant_role(role, grantee)

    # Roles

    def roles(self) -> list[str]:
        """The account's roles, sorted."""
        return [name for (name,) in self._rows(f"SELECT name FROM {SCHEMA}._sb_roles ORDER BY 1", ())]  # noqa: S608  A constant.

    def described(self) -> list[tuple[str, str, datetime, int, int]]:
        """Name, comment and age of each role, to how many it is granted and how many are granted to it; sorted."""
        granted = f"(SELECT count(*) FROM {SCHEMA}._sb_role_grants AS g WHERE g.%s = r.name)"  # noqa: S608  A constant.
        counts = f"{granted % 'role'}, {granted % 'grantee'}"
        rows = self._rows(f"SELECT name, comment, created_on, {counts} FROM {SCHEMA}._sb_roles AS r ORDER BY 1", ())  # noqa: S608  Constants.
        return [(name, comment, since, grantees, held) for name, comment, since, grantees, held in rows]

    def create_role(self, name: str, comment: str) -> None:
        """Create a role, or change its comment."""
        self._rows(f"INSERT OR REPLACE INTO {SCHEMA}._sb_roles VALUES (?, ?, now())", (name, comment))  # noqa: S608  A constant.

    def drop_role(self, name: str) -> None:
        """Forget a role and its privileges."""
        self._rows(f"DELETE FROM {SCHEMA}._sb_roles WHERE name = ?", (name,))  # noqa: S608  A constant.
        self._rows(f"DELETE FROM {SCHEMA}._sb_role_grants WHERE role = ? OR grantee = ?", (name, name))  # noqa: S608  A constant.
        self._rows(f"DELETE FROM {SCHEMA}._sb_privileges WHERE role = ?", (name,))  # noqa: S608  A constant.

    def grant_role(self, role: str, grantee: str) -> None:
        """Let a role inherit another."""
        self._rows(f"INSERT OR REPLACE INTO {SCHEMA}._sb_role_grants VALUES (?, ?, now())", (role, grantee))  # noqa: S608  A constant.

    def revoke_role(self, role: str, grantee: str) -> None:
        """Stop a role from inheriting another."""
        self._rows(f"DELETE FROM {SCHEMA}._sb_role_grants WHERE role = ? AND grantee = ?", (role, grantee))  # noqa: S608  A constant.

    def grantees(self, role: str) -> list[tuple[str, datetime]]:
        """Which roles inherit a role directly, and since when; sorted."""
        query = f"SELECT grantee, created_on FROM {SCHEMA}._sb_role_grants WHERE role = ? ORDER BY 1"  # noqa: S608  A constant.
        return [(grantee, since) for grantee, since in self._rows(query, (role,))]

    def inherited(self, role: str) -> frozenset[str]:
        """The role itself, PUBLIC, and all that they inherit."""
        pairs = self._rows(f"SELECT role, grantee FROM {SCHEMA}._sb_role_grants", ())  # noqa: S608  A constant.
        found: set[str] = set()
        ahead = {role, "PUBLIC"}
        while ahead:
            found |= ahead
            ahead = {r for r, grantee in pairs if grantee in ahead} - found
        return frozenset(found)

    # Privileges

    def grant(self, what: Securable, privilege: str, role: str, granted_by: str) -> None:
        """Add a privilege, unless it exists; there is only one owner."""
        if privilege == OWNERSHIP:
            self._rows(f"DELETE FROM {SCHEMA}._sb_privileges WHERE {WHAT} AND privilege = ?", (*what.row, OWNERSHIP))  # noqa: S608  Constants.
        self._rows(
            f"INSERT OR REPLACE INTO {SCHEMA}._sb_privileges VALUES (?, ?, ?, ?, ?, ?, ?, ?, now())",  # noqa: S608  A constant.
            (*what.row, privilege, role, granted_by),
        )

    def revoke(self, what: Securable, privilege: str, role: str) -> None:
        """Remove a privilege."""
        self._rows(
            f"DELETE FROM {SCHEMA}._sb_privileges WHERE {WHAT} AND privilege = ? AND role = ?",  # noqa: S608  Constants.
            (*what.row, privilege, role),
        )

    def on(self, what: Securable) -> list[Right]:
        """The privileges on something, its owner's first."""
        rows = self._rows(
            f"SELECT privilege, role, granted_by, created_on FROM {SCHEMA}._sb_privileges WHERE {WHAT} "  # noqa: S608  Constants.
            "ORDER BY privilege <> 'OWNERSHIP', privilege, role",
            what.row,
        )
        found = [Right(what=what, privilege=p, role=r, granted_by=g, created_on=t) for p, r, g, t in rows]
        if not any(right.privilege == OWNERSHIP for right in found):
            found.insert(0, Right(what=what, privilege=OWNERSHIP, role=OWNER, granted_by=OWNER, created_on=None))
        return found

    def of(self, role: str) -> list[Right]:
        """The privileges that a role has itself; sorted."""
        rows = self._rows(
            "SELECT kind, database_name, schema_name, name, types, privilege, role, granted_by, created_on "  # noqa: S608  A constant.
            f"FROM {SCHEMA}._sb_privileges WHERE role = ? ORDER BY ALL",
            (role,),
        )
        return [
            Right(
                what=Securable(kind=k, database=d, schema=s, name=n, types=types),
                privilege=p, role=r, granted_by=g, created_on=t,
            )
            for k, d, s, n, types, p, r, g, t in rows
        ]  # fmt: skip

    def forget(self, what: Securable) -> None:
        """Drop every privilege on an object that is gone."""
        self._rows(f"DELETE FROM {SCHEMA}._sb_privileges WHERE {WHAT}", what.row)  # noqa: S608  Constants.

    def forget_within(self, database: str, schema: str | None) -> None:
        """Drop every privilege on a database or schema, and on what was in it."""
        self._rows(
            f"DELETE FROM {SCHEMA}._sb_privileges WHERE database_name = ? AND schema_name = coalesce(?, schema_name)",  # noqa: S608  A constant.
            (database, schema),
        )

    def move(self, what: Securable, to: Securable) -> None:
        """Follow an object that was renamed."""
        self._rows(
            f"UPDATE {SCHEMA}._sb_privileges SET database_name = ?, schema_name = ?, name = ? WHERE {WHAT}",  # noqa: S608  Constants.
            (to.database, to.schema, to.name, *what.row),
        )

    # What a session may do

    def allows(self, role: str, privilege: str, what: Securable) -> bool:
        """Whether a role has a privilege, or owns the object, directly or by inheritance."""
        roles = self.inherited(role)
        return bool(roles & ADMINISTRATORS) or any(
            right.role in roles and right.privilege in (privilege, OWNERSHIP) for right in self.on(what)
        )

    def sees(self, role: str, what: Securable) -> bool:
        """Whether a role has any privilege on an object; without one, it does not exist for the role."""
        roles = self.inherited(role)
        return bool(roles & ADMINISTRATORS) or any(right.role in roles for right in self.on(what))

    def require(self, role: str, privilege: str, what: Securable) -> None:
        """Check that a role has a privilege.

        Raises:
            Refused: it does not.
        """
        if not self.allows(role, privilege, what):
            raise insufficient(what)


def insufficient(what: Securable) -> Refused:
    """The refusal for a missing privilege."""
    name = what.name or what.schema or what.database
    return Refused(
        f"SQL access control error:\nInsufficient privileges to operate on {what.kind.lower()} '{name}'.",
        errno=3001,
        sqlstate="42501",
    )
