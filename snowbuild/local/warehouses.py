"""Warehouses: nothing runs in them here, but their properties decide what may run, and clients ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild.local.results import TEXT, TIME, WHOLE, Refused, Result, compilation, missing, status
from snowbuild.local.rights import SCHEMA, Securable
from snowbuild.local.tokens import Kind, Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from snowbuild.local.engine import Session

LOCAL = "LOCAL_WH"
OPTIMIZED = "SNOWPARK-OPTIMIZED"

TABLE = f"""
CREATE TABLE IF NOT EXISTS {SCHEMA}._sb_warehouses (
    name TEXT PRIMARY KEY, type TEXT, size TEXT, state TEXT, auto_resume TEXT, resource_constraint TEXT, comment TEXT,
    created_on TIMESTAMPTZ)
"""

DEFAULTS = {
    "WAREHOUSE_TYPE": "STANDARD",
    "WAREHOUSE_SIZE": "XSMALL",
    "AUTO_RESUME": "TRUE",
    "INITIALLY_SUSPENDED": "FALSE",
    "RESOURCE_CONSTRAINT": "",
    "COMMENT": "",
}
"""docs: sql-reference/sql/create-warehouse; other properties are read and forgotten."""


class Warehouses:
    """Reads and writes the table; `rows` runs a statement, in any thread."""

    def __init__(self, rows: Callable[[str, Iterable[Any]], list[tuple[Any, ...]]]) -> None:
        self._rows = rows
        rows(TABLE, ())
        if not self.all():
            # This machine runs what it can run: no function is refused for the sake of the warehouse.
            self.put(LOCAL, {"WAREHOUSE_TYPE": OPTIMIZED, "RESOURCE_CONSTRAINT": "MEMORY_16X_X86"})

    def all(self) -> dict[str, dict[str, Any]]:
        """Name → its columns; sorted."""
        columns = ("name", "type", "size", "state", "auto_resume", "resource_constraint", "comment", "created_on")
        rows = self._rows(f"SELECT {', '.join(columns)} FROM {SCHEMA}._sb_warehouses ORDER BY name", ())  # noqa: S608  Constants.
        return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}

    def put(self, name: str, properties: dict[str, str]) -> None:
        """Create a warehouse."""
        given = DEFAULTS | properties
        optimized = given["WAREHOUSE_TYPE"].upper() == OPTIMIZED
        self._rows(
            f"INSERT OR REPLACE INTO {SCHEMA}._sb_warehouses VALUES (?, ?, ?, ?, ?, ?, ?, now())",  # noqa: S608  A constant.
            (
                name, OPTIMIZED if optimized else "STANDARD", given["WAREHOUSE_SIZE"].upper(),
                "SUSPENDED" if given["INITIALLY_SUSPENDED"].upper() == "TRUE" else "STARTED",
                given["AUTO_RESUME"].lower(),
                given["RESOURCE_CONSTRAINT"] or ("MEMORY_16X" if optimized else "STANDARD_GEN_1"),
                given["COMMENT"],
            ),
        )  # fmt: skip

    def set(self, name: str, column: str, value: str) -> None:
        """Change a column; its name is one of ours."""
        self._rows(f"UPDATE {SCHEMA}._sb_warehouses SET {column} = ? WHERE name = ?", (value, name))  # noqa: S608  Constants.

    def drop(self, name: str) -> None:
        """Forget a warehouse."""
        self._rows(f"DELETE FROM {SCHEMA}._sb_warehouses WHERE name = ?", (name,))  # noqa: S608  A constant.

    def check_architecture(self, name: str | None, constraint: str | None) -> None:
        """Whether a function with that RESOURCE_CONSTRAINT may be created or run.

        Raises:
            Refused: in the words that Snowpark's own tests know.
        """
        warehouse = self.all().get(name or "")
        if constraint is None or "x86" not in constraint.lower():
            return
        if warehouse is None or warehouse["type"] != OPTIMIZED:
            raise compilation(
                "Cannot create or execute a function with resource_constraint annotation on a standard warehouse."
            )
        if not warehouse["resource_constraint"].upper().endswith("X86"):
            raise compilation(
                "Cannot create on a Python function with 'X86' architecture annotation using an 'ARM' warehouse."
            )


def create_warehouse(reader: Reader, session: Session) -> Result:
    """CREATE [OR REPLACE] WAREHOUSE [IF NOT EXISTS] name [WITH] [property = value …]."""
    reader.expect("CREATE")
    replacing = reader.accept("OR", "REPLACE")
    reader.expect("WAREHOUSE")
    if_not_exists = reader.accept("IF", "NOT", "EXISTS")
    name = reader.name()
    reader.accept("WITH")
    properties = _properties(reader)
    engine = session.engine
    if name in engine.warehouses.all() and not replacing:
        if if_not_exists:
            return status(f"{name} already exists, statement succeeded.")
        raise compilation(f"Object '{name}' already exists.", errno=2002, sqlstate="42710")
    engine.warehouses.put(name, properties)
    engine.rights.forget(Securable(kind="WAREHOUSE", name=name))
    engine.rights.grant(Securable(kind="WAREHOUSE", name=name), "OWNERSHIP", session.role, session.role)
    return status(f"Warehouse {name} successfully created.")


def alter_warehouse(reader: Reader, session: Session) -> Result:
    """ALTER WAREHOUSE [IF EXISTS] name SUSPEND | RESUME [IF SUSPENDED] | SET property = …, or what changes nothing."""
    reader.expect("ALTER", "WAREHOUSE")
    if_exists = reader.accept("IF", "EXISTS")
    name = reader.name()
    warehouses = session.engine.warehouses
    if name not in warehouses.all():
        if if_exists:
            return status("Statement executed successfully.")
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
    return status("Statement executed successfully.")


def drop_warehouse(reader: Reader, session: Session) -> Result:
    """DROP WAREHOUSE [IF EXISTS] name."""
    reader.expect("DROP", "WAREHOUSE")
    if_exists = reader.accept("IF", "EXISTS")
    name = reader.name()
    reader.end()
    if name not in session.engine.warehouses.all():
        if if_exists:
            return status(f"Drop statement executed successfully ({name} already dropped).")
        raise missing("Warehouse", name)
    session.engine.warehouses.drop(name)
    session.engine.rights.forget(Securable(kind="WAREHOUSE", name=name))
    return status(f"{name} successfully dropped.")


def use_warehouse(reader: Reader, session: Session) -> Result:
    """USE WAREHOUSE name."""
    reader.expect("USE", "WAREHOUSE")
    name = reader.name()
    reader.end()
    if not usable(session, name):
        raise Refused(
            "SQL compilation error:\nObject does not exist, or operation cannot be performed.",
            errno=2043,
            sqlstate="02000",
        )
    session.warehouse = name
    return status("Statement executed successfully.")


def show_warehouses(reader: Reader, session: Session) -> Result:
    """SHOW WAREHOUSES [LIKE '…']: those that the role has a privilege on."""
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


def usable(session: Session, name: str) -> bool:
    """Whether there is such a warehouse, and the session's role may use it."""
    what = Securable(kind="WAREHOUSE", name=name)
    return name in session.engine.warehouses.all() and session.engine.rights.allows(session.role, "USAGE", what)


def _properties(reader: Reader) -> dict[str, str]:
    properties: dict[str, str] = {}
    while reader.here is not None:
        name = reader.take(Kind.WORD).upper()
        reader.accept("=")
        properties[name] = reader.take(Kind.STRING, Kind.WORD, Kind.NUMBER)
        reader.accept(",")
    return properties
