"""CREATE, ALTER, DROP, USE and SHOW WAREHOUSE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.local.state.warehouses import TIMEOUT, timeout_s
from snowbuild.local.statements.beginnings import begin_create, begin_drop
from snowbuild.local.values.results import (
    TEXT,
    TIME,
    WHOLE,
    Refused,
    Result,
    already_dropped,
    already_there,
    dropped,
    exists,
    missing,
    status,
)
from snowbuild.local.values.rights import OWNERSHIP, Securable
from snowbuild.local.values.tokens import Kind, Reader

if TYPE_CHECKING:
    from datetime import datetime

    from snowbuild.local.engine.session import Session


def create_warehouse(reader: Reader, session: Session) -> Result:
    """CREATE [OR REPLACE] WAREHOUSE [IF NOT EXISTS] name [WITH] [property = value …]."""
    replacing, if_not_exists = begin_create(reader, "WAREHOUSE")
    name = reader.name()
    reader.accept("WITH")
    properties = _properties(reader)
    engine = session.engine
    if name in engine.warehouses.all() and not replacing:
        if if_not_exists:
            return already_there(name)
        raise exists(name)
    engine.warehouses.put(name, properties)
    engine.rights.forget(Securable(kind="WAREHOUSE", name=name))
    engine.rights.grant(Securable(kind="WAREHOUSE", name=name), OWNERSHIP, session.role, session.role)
    return status(f"Warehouse {name} successfully created.")


def alter_warehouse(reader: Reader, session: Session) -> Result:
    """ALTER WAREHOUSE [IF EXISTS] name SUSPEND | RESUME [IF SUSPENDED] | SET property = …, or what changes nothing."""
    reader.expect("ALTER", "WAREHOUSE")
    if_exists = reader.accept("IF", "EXISTS")
    name = reader.name()
    warehouses = session.engine.warehouses
    if name not in warehouses.all():
        if if_exists:
            return status()
        raise missing("Warehouse", name)
    if reader.accept("SUSPEND"):
        warehouses.set(name, "state", "SUSPENDED")
    elif reader.accept("RESUME"):
        warehouses.set(name, "state", "STARTED")
    elif reader.accept("SET"):
        properties = _properties(reader)
        for key, column in (("AUTO_RESUME", "auto_resume"), ("WAREHOUSE_TYPE", "type"), ("COMMENT", "comment"),
                            ("RESOURCE_CONSTRAINT", "resource_constraint"), ("WAREHOUSE_SIZE", "size")):  # fmt: skip
            if key in properties:
                value = properties[key]
                warehouses.set(name, column, value.lower() if key == "AUTO_RESUME" else value)
        if TIMEOUT in properties:
            warehouses.set(name, "timeout_s", timeout_s(properties[TIMEOUT]))
    elif reader.accept("UNSET", TIMEOUT):
        warehouses.set(name, "timeout_s", 0)
    return status()


def drop_warehouse(reader: Reader, session: Session) -> Result:
    """DROP WAREHOUSE [IF EXISTS] name."""
    if_exists = begin_drop(reader, "WAREHOUSE")
    name = reader.name()
    reader.end()
    if name not in session.engine.warehouses.all():
        if if_exists:
            return already_dropped(name)
        raise missing("Warehouse", name)
    session.engine.warehouses.drop(name)
    session.engine.rights.forget(Securable(kind="WAREHOUSE", name=name))
    return dropped(name)


def use_warehouse(reader: Reader, session: Session) -> Result:
    """USE WAREHOUSE name."""
    reader.expect("USE", "WAREHOUSE")
    name = reader.name()
    reader.end()
    if not session.may_use_warehouse(name):
        raise Refused(
            "SQL compilation error:\nObject does not exist, or operation cannot be performed.",
            errno=2043,
            sqlstate="02000",
        )
    session.warehouse = name
    return status()


def show_warehouses(reader: Reader, session: Session) -> Result:
    """SHOW WAREHOUSES [LIKE '…']: those on which the role has a privilege."""
    reader.expect("SHOW", "WAREHOUSES")
    like, _, _ = session.scope(reader)
    rows: list[tuple[str | int | datetime, ...]] = []
    for name, warehouse in session.engine.warehouses.all().items():
        what = Securable(kind="WAREHOUSE", name=name)
        if not like(name) or not session.engine.rights.sees(session.role, what):
            continue
        owner = session.engine.rights.on(what)[0].role
        current = "Y" if name == session.warehouse else "N"
        rows.append(
            (
                name, warehouse["state"], warehouse["type"], warehouse["size"], 0, 0, "N", current, 600,
                warehouse["auto_resume"], warehouse["created_on"], owner, warehouse["comment"],
                warehouse["resource_constraint"],
            )
        )  # fmt: skip
    text = ("name", "state", "type", "size")
    rest = (
        ("running", WHOLE), ("queued", WHOLE), ("is_default", TEXT), ("is_current", TEXT), ("auto_suspend", WHOLE),
        ("auto_resume", TEXT), ("created_on", TIME), ("owner", TEXT), ("comment", TEXT), ("resource_constraint", TEXT),
    )  # fmt: skip
    return Result(columns=(*((name, TEXT) for name in text), *rest), rows=tuple(rows))


def describe_warehouse(reader: Reader, session: Session) -> Result:
    """DESCRIBE WAREHOUSE name."""
    reader.at = 1
    reader.expect("WAREHOUSE")
    name = reader.name()
    reader.end()
    known = session.engine.warehouses.all().get(name)
    if known is None or not session.sees(Securable(kind="WAREHOUSE", name=name)):
        raise missing("Warehouse", name)
    columns = (("created_on", TIME), ("name", TEXT), ("kind", TEXT))
    return Result(columns=columns, rows=((known["created_on"], name, "WAREHOUSE"),))


def _properties(reader: Reader) -> dict[str, str]:
    properties: dict[str, str] = {}
    while reader.here is not None:
        name = reader.take(Kind.WORD).upper()
        reader.accept("=")
        properties[name] = reader.take(Kind.STRING, Kind.WORD, Kind.NUMBER)
        reader.accept(",")
    return properties
