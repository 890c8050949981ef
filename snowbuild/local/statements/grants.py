"""CREATE and DROP ROLE, USE ROLE, GRANT, REVOKE and SHOW GRANTS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.local.statements.beginnings import begin_create, begin_drop
from snowbuild.local.statements.functions import function_key
from snowbuild.local.values.names import written
from snowbuild.local.values.results import (
    TEXT,
    TIME,
    WHOLE,
    Refused,
    Result,
    already_dropped,
    already_there,
    compilation,
    dropped,
    missing,
    status,
)
from snowbuild.local.values.rights import BUILT_IN, OWNER, OWNERSHIP, Right, Securable
from snowbuild.local.values.tokens import Kind, Reader

if TYPE_CHECKING:
    from datetime import datetime

    from snowbuild.local.engine.session import Session


ALL = {
    "DATABASE": ("CREATE SCHEMA", "MODIFY", "MONITOR", "USAGE"),
    "SCHEMA": ("CREATE FUNCTION", "CREATE STAGE", "CREATE TABLE", "CREATE VIEW", "MODIFY", "MONITOR", "USAGE"),
    "STAGE": ("READ", "WRITE"),
    "FUNCTION": ("USAGE",),
    "WAREHOUSE": ("MODIFY", "MONITOR", "OPERATE", "USAGE"),
}
"""What ALL PRIVILEGES means, limited to privileges with an effect here."""

GRANT_COLUMNS = ("privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option", "granted_by")


def create_role(reader: Reader, session: Session) -> Result:
    """CREATE [OR REPLACE] ROLE [IF NOT EXISTS] name [COMMENT = '…']."""
    replacing, if_not_exists = begin_create(reader, "ROLE")
    name = reader.name()
    comment = ""
    if reader.accept("COMMENT"):
        reader.accept("=")
        comment = reader.take(Kind.STRING)
    reader.end()
    rights = session.engine.rights
    if name in rights.roles():
        if if_not_exists:
            return already_there(name)
        if not replacing or name in BUILT_IN:
            raise compilation(f"Object '{name}' already exists.", errno=2002, sqlstate="42710")
        rights.drop_role(name)
    rights.create_role(name, comment)
    return status(f"Role {name} successfully created.")


def drop_role(reader: Reader, session: Session) -> Result:
    """DROP ROLE [IF EXISTS] name."""
    if_exists = begin_drop(reader, "ROLE")
    name = reader.name()
    reader.end()
    rights = session.engine.rights
    if name not in rights.roles():
        if if_exists:
            return already_dropped(name)
        raise missing("Role", name)
    if name in BUILT_IN:
        raise compilation(f"Role '{name}' is part of the account and cannot be dropped.")
    rights.drop_role(name)
    return dropped(name)


def show_roles(reader: Reader, session: Session) -> Result:
    """SHOW ROLES [LIKE '…']: all of them, whatever the role."""
    reader.expect("SHOW", "ROLES")
    like, _, _ = session.scope(reader)
    inherited = session.roles()
    rows = tuple(
        (
            since, name, "Y" if name == OWNER else "N", "Y" if name == session.role else "N",
            "Y" if name in inherited else "N", 1, grantees, granted, "", comment,
        )
        for name, comment, since, grantees, granted in session.engine.rights.described()
        if like(name)
    )  # fmt: skip
    return Result(
        columns=(
            ("created_on", TIME), ("name", TEXT), ("is_default", TEXT), ("is_current", TEXT), ("is_inherited", TEXT),
            ("assigned_to_users", WHOLE), ("granted_to_roles", WHOLE), ("granted_roles", WHOLE), ("owner", TEXT),
            ("comment", TEXT),
        ),
        rows=rows,
    )  # fmt: skip


def use_role(reader: Reader, session: Session) -> Result:
    """USE ROLE name: any existing one, since the local user has them all."""
    reader.expect("USE", "ROLE")
    name = reader.name()
    reader.end()
    if name not in session.engine.rights.roles():
        raise Refused(
            f"SQL access control error:\nRequested role '{name}' is not assigned to the executing user. "
            "Specify another role to activate.",
            errno=3013,
            sqlstate="42501",
        )
    session.role = name
    return status()


def grant_or_revoke(reader: Reader, session: Session) -> Result:
    """GRANT or REVOKE of a role, or of privileges on objects that `securable` knows; all others are ignored."""
    granting = reader.accept("GRANT")
    if not granting:
        reader.expect("REVOKE")
        reader.accept("GRANT", "OPTION", "FOR")
    if reader.peek("ROLE") or reader.peek("DATABASE", "ROLE"):
        return _grant_role(reader, session, granting=granting)
    names = _privileges(reader)
    what = _securable(reader, session)
    if what is None:
        return status()
    grantee = _grantee(reader, granting=granting)
    privileges = [p for name in names for p in (ALL[what.kind] if name in ("ALL", "ALL PRIVILEGES") else (name,))]
    rights = session.engine.rights
    for privilege in privileges:
        if granting:
            rights.grant(what, privilege, grantee, session.role)
        elif privilege != OWNERSHIP:
            rights.revoke(what, privilege, grantee)
    return status()


def show_grants(reader: Reader, session: Session) -> Result | None:
    """SHOW GRANTS ON kind name, TO ROLE name, and OF [DATABASE] ROLE name."""
    reader.expect("SHOW", "GRANTS")
    if reader.accept("OF"):
        return _show_grantees(_role(reader), reader, session)
    if reader.accept("TO", "ROLE"):
        return _rights_table(session.engine.rights.of(reader.name()))
    if not reader.accept("ON"):
        return None
    what = _securable(reader, session)
    return None if what is None else _rights_table(session.engine.rights.on(what))


def _grant_role(reader: Reader, session: Session, *, granting: bool) -> Result:
    role = _role(reader)
    rights = session.engine.rights
    reader.expect("TO" if granting else "FROM")
    if reader.accept("USER"):
        # The only user has every role.
        return status()
    reader.expect("ROLE")
    grantee = reader.name()
    if granting:
        rights.grant_role(role, grantee)
    else:
        rights.revoke_role(role, grantee)
    return status()


def _role(reader: Reader) -> str:
    """ROLE name, or DATABASE ROLE database.name with its dot."""
    reader.accept("DATABASE")
    reader.expect("ROLE")
    return ".".join(reader.path())


def _privileges(reader: Reader) -> list[str]:
    words: list[str] = []
    while not reader.accept("ON"):
        words.append(reader.take(Kind.WORD, Kind.SIGN, Kind.QUOTED).upper())
    return [part.strip() for part in " ".join(words).split(",")]


def _grantee(reader: Reader, *, granting: bool) -> str:
    reader.expect("TO" if granting else "FROM")
    reader.accept("DATABASE")
    reader.accept("ROLE")
    return ".".join(reader.path())


def _securable(reader: Reader, session: Session) -> Securable | None:
    """The object of a GRANT or SHOW GRANTS, if the session can see it; None for other kinds.

    Raises:
        Refused: there is no such object that the session's role can see.
    """
    kind = next((k for k in ALL if reader.accept(k)), None)
    if kind is None:
        return None
    if kind == "FUNCTION":
        what = function_key(reader, session).securable
    elif kind in ("DATABASE", "WAREHOUSE"):
        name = reader.name()
        what = Securable(kind=kind, database=name) if kind == "DATABASE" else Securable(kind=kind, name=name)
    elif kind == "SCHEMA":
        database, schema, _ = session.namespace.qualify((*reader.path(), "-"))
        what = Securable(kind=kind, database=database, schema=schema)
    else:
        database, schema, name = session.namespace.qualify(reader.path())
        what = Securable(kind=kind, database=database, schema=schema, name=name)
    engine = session.engine
    if not engine.holds(what) or not engine.rights.sees(session.role, what):
        raise missing(kind.capitalize(), str(what))
    return what


def _rights_table(rights: list[Right]) -> Result:
    rows = (_right_row(right) for right in rights)
    return Result(columns=(("created_on", TIME), *((name, TEXT) for name in GRANT_COLUMNS)), rows=tuple(rows))


def _right_row(right: Right) -> tuple[datetime | None, str, str, str, str, str, str, str]:
    what = right.what
    names = [written(part) for part in (what.database, what.schema, what.name) if part]
    name = ".".join(names) + (f"({what.types.partition('@')[0].replace(',', ', ')})" if what.kind == "FUNCTION" else "")
    option = "true" if right.privilege == OWNERSHIP else "false"
    grantee = "DATABASE_ROLE" if "." in right.role else "ROLE"
    return right.created_on, right.privilege, what.kind, name, grantee, right.role, option, right.granted_by


def _show_grantees(role: str, reader: Reader, session: Session) -> Result:
    reader.end()
    return Result(
        columns=(("created_on", TIME), *((n, TEXT) for n in ("role", "granted_to", "grantee_name", "granted_by"))),
        rows=tuple((since, role, "ROLE", name, "") for name, since in session.engine.rights.grantees(role)),
    )
