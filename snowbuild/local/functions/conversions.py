"""Conversions that depend on the type of a value: macros, because only DuckDB knows types before a query runs.

`typeof` is constant by then, so only one branch of each CASE is left. Still, each branch has to be valid for every
type, which is why some convert through text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

PLACE = ("memory", "main")
"""The catalog and schema of all macros, which are created again at each start."""

TO_VARIANT, TO_TEXT, TYPEOF, AS_DATE = "_sb_to_variant", "_sb_to_text", "_sb_typeof", "_sb_as_date"

# docs: sql-reference/parameters, TIMESTAMP_NTZ_OUTPUT_FORMAT, TIMESTAMP_TZ_OUTPUT_FORMAT
MOMENT = "%Y-%m-%d %H:%M:%S.%g"

MACROS = {
    # JSON, in which moments and BINARY are text (docs: developer-guide/udf-stored-procedure-data-type-mapping).
    TO_VARIANT: f"""(x) AS CASE typeof(x)
        WHEN 'TIMESTAMP' THEN to_json(strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP), '{MOMENT}'))
        WHEN 'TIMESTAMP WITH TIME ZONE'
            THEN to_json(strftime(TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMPTZ), '{MOMENT} +0000'))
        WHEN 'BLOB' THEN to_json(hex(TRY_CAST(CAST(x AS VARCHAR) AS BLOB)))
        ELSE to_json(x) END""",
    # What a VARIANT holds, without JSON's quotes.
    TO_TEXT: "(x) AS CASE typeof(x) WHEN 'JSON' THEN to_json(x) ->> '$' ELSE CAST(x AS VARCHAR) END",
    # docs: sql-reference/functions/typeof
    TYPEOF: """(x) AS CASE json_type(to_json(x))
        WHEN 'NULL' THEN 'NULL_VALUE' WHEN 'BIGINT' THEN 'INTEGER' WHEN 'UBIGINT' THEN 'INTEGER'
        WHEN 'DOUBLE' THEN CASE
            WHEN typeof(x) = 'DOUBLE' OR contains(lower(CAST(x AS VARCHAR)), 'e') THEN 'DOUBLE'
            WHEN contains(CAST(x AS VARCHAR), '.') THEN 'DECIMAL'
            ELSE 'INTEGER' END
        ELSE json_type(to_json(x)) END""",
    # DuckDB turns a DATE x into a timestamp y; on Snowflake it stays a DATE.
    AS_DATE: "(x DATE, y) AS CAST(y AS DATE), (x, y) AS y",
}


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the macros."""
    for name, definition in MACROS.items():
        connection.execute(f"CREATE OR REPLACE MACRO {qualified(name)}{definition}")


def qualified(name: str) -> str:
    """A macro's full name."""
    return ".".join((*PLACE, name))
