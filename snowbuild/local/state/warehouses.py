"""Warehouses: nothing runs in them here, but their properties decide what may run, and clients query them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild.local.values.results import compilation, invalid
from snowbuild.local.values.rights import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LOCAL = "LOCAL_WH"
OPTIMIZED = "SNOWPARK-OPTIMIZED"
TIMEOUT = "STATEMENT_TIMEOUT_IN_SECONDS"
LONGEST_S = 604_800
"""docs: sql-reference/parameters"""

TABLE = f"""
CREATE TABLE IF NOT EXISTS {SCHEMA}._sb_warehouses (
    name TEXT PRIMARY KEY, type TEXT, size TEXT, state TEXT, auto_resume TEXT, resource_constraint TEXT, comment TEXT,
    created_on TIMESTAMPTZ);
ALTER TABLE {SCHEMA}._sb_warehouses ADD COLUMN IF NOT EXISTS timeout_s INTEGER DEFAULT 0
"""

DEFAULTS = {
    "WAREHOUSE_TYPE": "STANDARD",
    "WAREHOUSE_SIZE": "XSMALL",
    "AUTO_RESUME": "TRUE",
    "INITIALLY_SUSPENDED": "FALSE",
    "RESOURCE_CONSTRAINT": "",
    "COMMENT": "",
    TIMEOUT: "0",
}
"""docs: sql-reference/sql/create-warehouse; other properties are read and forgotten."""


class Warehouses:
    """Reads and writes the table; `rows` runs a statement, in any thread."""

    def __init__(self, rows: Callable[[str, Iterable[Any]], list[tuple[Any, ...]]]) -> None:
        self._rows = rows
        for statement in TABLE.split(";"):
            rows(statement, ())
        self.timeouts_s: dict[str, int] = {}
        """STATEMENT_TIMEOUT_IN_SECONDS of those that have one; looked up for every statement."""
        self._read_timeouts()
        if not self.all():
            # This machine runs whatever it can: no function is refused because of the warehouse.
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
            f"INSERT OR REPLACE INTO {SCHEMA}._sb_warehouses VALUES (?, ?, ?, ?, ?, ?, ?, now(), ?)",  # noqa: S608  A constant.
            (
                name, OPTIMIZED if optimized else "STANDARD", given["WAREHOUSE_SIZE"].upper(),
                "SUSPENDED" if given["INITIALLY_SUSPENDED"].upper() == "TRUE" else "STARTED",
                given["AUTO_RESUME"].lower(),
                given["RESOURCE_CONSTRAINT"] or ("MEMORY_16X" if optimized else "STANDARD_GEN_1"),
                given["COMMENT"], timeout_s(given[TIMEOUT]),
            ),
        )  # fmt: skip
        self._read_timeouts()

    def set(self, name: str, column: str, value: str | int) -> None:
        """Change a column, whose name comes from our own code."""
        self._rows(f"UPDATE {SCHEMA}._sb_warehouses SET {column} = ? WHERE name = ?", (value, name))  # noqa: S608  Constants.
        self._read_timeouts()

    def drop(self, name: str) -> None:
        """Forget a warehouse."""
        self._rows(f"DELETE FROM {SCHEMA}._sb_warehouses WHERE name = ?", (name,))  # noqa: S608  A constant.
        self._read_timeouts()

    def _read_timeouts(self) -> None:
        self.timeouts_s = dict(
            self._rows(f"SELECT name, timeout_s FROM {SCHEMA}._sb_warehouses WHERE timeout_s > 0", ())  # noqa: S608  A constant.
        )

    def check_architecture(self, name: str | None, constraint: str | None) -> None:
        """Whether a function with that RESOURCE_CONSTRAINT may be created or run.

        Raises:
            Refused: in the words that Snowpark's own tests expect.
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


def timeout_s(value: object) -> int:
    """The value of STATEMENT_TIMEOUT_IN_SECONDS.

    Raises:
        Refused: it is not a number of seconds up to a week.
    """
    text = str(value)
    if not (text.isascii() and text.isdigit() and int(text) <= LONGEST_S):
        raise invalid(TIMEOUT, text)
    return int(text)
