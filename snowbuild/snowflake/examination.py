"""What `snowbuild doctor` needs to know about a target, asked through an open session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild.doctor import SERVICE_ROLES, Held, Seen, Warehouse
from snowbuild.errors import SqlError
from snowbuild.sql import literal, qualified, quoted, stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from snowbuild.config.values import Service, TargetConfig
    from snowbuild.snowflake.target import SnowflakeTarget

OWNERSHIP = "OWNERSHIP"
ASKED = {
    "DATABASE": ("USAGE",),
    "SCHEMA": ("USAGE", "CREATE FUNCTION", "CREATE STAGE"),
    "STAGE": ("READ", "WRITE"),
    "WAREHOUSE": ("USAGE",),
}


def look(opened: SnowflakeTarget, target: TargetConfig, service: Service, *, login: str) -> Seen:
    """Ask about everything; what the role may not ask about is unknown.

    Raises:
        TargetError: the connection broke.
    """
    # Only the primary role creates functions and stages (docs: user-guide/security-access-control-overview).
    opened.execute("USE SECONDARY ROLES NONE")
    row = opened.rows('SELECT CURRENT_USER() AS "USER", CURRENT_ROLE() AS "ROLE", CURRENT_WAREHOUSE() AS "WAREHOUSE"')[
        0
    ]
    warehouse = stored(target.warehouse) if target.warehouse else row["WAREHOUSE"]
    facts = _warehouse(opened, warehouse)
    objects = {
        "DATABASE": qualified(target.database),
        "SCHEMA": qualified(target.database, target.schema),
        "STAGE": qualified(target.database, target.schema, target.stage),
    }
    if facts is not None:
        objects["WAREHOUSE"] = quoted(facts.name)
    grants = {kind: _rows(opened, f"SHOW GRANTS ON {kind} {name}") for kind, name in objects.items()}
    role_grants = _service_grants(opened, service)
    active = _active(opened, _grantees(grants, role_grants))
    return Seen(
        account=opened.account(),
        user=str(row["USER"]),
        role=str(row["ROLE"]),
        login=login,
        warehouse=row["WAREHOUSE"],
        facts=facts,
        present=frozenset(kind for kind, rows in grants.items() if rows is not None),
        held=tuple(
            (kind, privilege, _held(rows, privilege, active))
            for kind, rows in grants.items()
            for privilege in ASKED[kind]
        ),
        service_role=None if service not in SERVICE_ROLES else _has_role(role_grants, active),
    )


def _warehouse(opened: SnowflakeTarget, name: str | None) -> Warehouse | None:
    if name is None:
        return None
    # % and _ cannot be escaped in this LIKE, so it may find more than was asked for.
    rows = opened.rows(f"SHOW WAREHOUSES LIKE {literal(name)}")
    for row in rows:
        if row["name"] == name:
            constraint = row.get("resource_constraint")
            return Warehouse(
                name=name,
                state=str(row["state"]),
                type=str(row["type"]),
                auto_resume=str(row["auto_resume"]).lower() == "true",
                constraint=str(constraint) if constraint else None,
            )
    return None


def _rows(opened: SnowflakeTarget, statement: str) -> list[dict[str, Any]] | None:
    """The rows of a SHOW; None if the role cannot see the object."""
    try:
        return opened.rows(statement)
    except SqlError:
        return None


def _service_grants(opened: SnowflakeTarget, service: Service) -> list[dict[str, Any]] | None:
    if service not in SERVICE_ROLES:
        return None
    return _rows(opened, f"SHOW GRANTS OF DATABASE ROLE {qualified(*SERVICE_ROLES[service])}")


def _grantees(
    grants: Mapping[str, list[dict[str, Any]] | None], role_grants: list[dict[str, Any]] | None
) -> Iterable[str]:
    for rows in (*grants.values(), role_grants):
        for row in rows or ():
            if row["granted_to"] == "ROLE":
                yield str(row["grantee_name"])


def _active(opened: SnowflakeTarget, roles: Iterable[str]) -> frozenset[str]:
    """The roles, out of some, whose privileges the session has."""
    names = sorted({*roles} - {"PUBLIC"})
    if not names:
        return frozenset({"PUBLIC"})
    columns = ", ".join(f'IS_ROLE_IN_SESSION({literal(name)}) AS "R{i}"' for i, name in enumerate(names))
    row = opened.rows(f"SELECT {columns}")[0]
    return frozenset({"PUBLIC", *(name for i, name in enumerate(names) if row[f"R{i}"])})


def _held(rows: list[dict[str, Any]] | None, privilege: str, active: frozenset[str]) -> Held:
    if rows is None:
        return Held.UNKNOWN
    granted = [row for row in rows if row["privilege"] in (privilege, OWNERSHIP)]
    if any(row["granted_to"] == "ROLE" and row["grantee_name"] in active for row in granted):
        return Held.YES
    # There is no way to ask from outside its database whether a database role is active.
    return Held.UNKNOWN if any(row["granted_to"] != "ROLE" for row in granted) else Held.NO


def _has_role(rows: list[dict[str, Any]] | None, active: frozenset[str]) -> Held:
    if rows is None:
        return Held.UNKNOWN
    return Held.YES if any(row["grantee_name"] in active for row in rows) else Held.NO
