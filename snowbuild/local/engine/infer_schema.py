"""INFER_SCHEMA: which columns Parquet files have, in Snowflake's types.

docs.snowflake.com/en/sql-reference/functions/infer_schema. Logical types count, whatever USE_LOGICAL_TYPE says: COPY
INTO reads the files with DuckDB, which knows nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from snowbuild.sql import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

    from snowbuild.local.state.stages import StagedFile

TYPES = {
    "DOUBLE": "REAL", "FLOAT": "REAL", "VARCHAR": "TEXT", "BOOLEAN": "BOOLEAN", "DATE": "DATE", "TIME": "TIME",
    "BLOB": "BINARY", "TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMP_S": "TIMESTAMP_NTZ", "TIMESTAMP_MS": "TIMESTAMP_NTZ",
    "TIMESTAMP_NS": "TIMESTAMP_NTZ", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_LTZ",
}  # fmt: skip


def infer_schema(connection: duckdb.DuckDBPyConnection, stage: str, files: Iterable[StagedFile]) -> pa.Table:
    """The columns of all files by name, in order of first appearance."""
    import pyarrow as pa

    found: dict[str, dict[str, Any]] = {}
    for staged in files:
        for name, kind in _columns(connection, staged):
            sql_type = snowflake_type(kind)
            column = found.setdefault(
                name,
                {
                    "COLUMN_NAME": name, "TYPE": sql_type, "NULLABLE": True,
                    "EXPRESSION": f"$1:{quoted(name)}::{sql_type}", "FILENAMES": [], "ORDER_ID": len(found),
                },
            )  # fmt: skip
            column["FILENAMES"].append(f"{stage.lower()}/{staged.path}")
    schema = pa.schema(
        {
            "COLUMN_NAME": pa.string(), "TYPE": pa.string(), "NULLABLE": pa.bool_(), "EXPRESSION": pa.string(),
            "FILENAMES": pa.string(), "ORDER_ID": pa.int64(),
        }
    )  # fmt: skip
    rows = [column | {"FILENAMES": ", ".join(column["FILENAMES"])} for column in found.values()]
    return pa.Table.from_pylist(rows, schema=schema)


def _columns(connection: duckdb.DuckDBPyConnection, staged: StagedFile) -> list[tuple[str, str]]:
    rows = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(staged.file)]).fetchall()
    return [(name, kind) for name, kind, *_ in rows]


def snowflake_type(duckdb_type: str) -> str:
    """The type of a Parquet file's column; VARIANT for nested ones. Pure."""
    if number := re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", duckdb_type):
        return f"NUMBER({number[1]}, {number[2]})"
    if re.fullmatch(r"U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?", duckdb_type):
        return "NUMBER(38, 0)"
    return TYPES.get(duckdb_type, "VARIANT")
