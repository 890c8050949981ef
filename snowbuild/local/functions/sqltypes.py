"""Snowflake's types in DuckDB and Arrow, and columns on their way to a worker and back."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeAlias

from snowbuild.sql import SqlType

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

Column: TypeAlias = "list[Any] | tuple[str, bytes, bytes | None]"
"""As worker.py describes it."""

# DuckDB keeps no offset: a TIMESTAMP_TZ is the same instant in UTC, and like a TIMESTAMP_LTZ in every other way.
DUCKDB = {
    "FLOAT": "DOUBLE", "VARCHAR": "VARCHAR", "BOOLEAN": "BOOLEAN", "BINARY": "BLOB", "DATE": "DATE", "TIME": "TIME",
    "TIMESTAMP_NTZ": "TIMESTAMP", "TIMESTAMP_LTZ": "TIMESTAMPTZ", "TIMESTAMP_TZ": "TIMESTAMPTZ",
    "VARIANT": "JSON", "OBJECT": "JSON", "ARRAY": "JSON", "GEOGRAPHY": "JSON", "GEOMETRY": "JSON",
}  # fmt: skip
WIDE = Context(prec=76)
"""For NUMBERs: Decimal's own default of 28 digits is too little for them."""
SEMI_STRUCTURED = frozenset({"VARIANT", "OBJECT", "ARRAY", "GEOGRAPHY", "GEOMETRY"})


class ConversionError(ValueError):
    """A handler's value does not fit the type that its function returns."""


def duckdb_type(sql_type: str) -> str:
    """The DuckDB type that holds a Snowflake type."""
    kind = SqlType.parse(sql_type)
    if kind.name == "NUMBER":
        return f"DECIMAL({kind.parameters[0]},{kind.parameters[1]})"
    return DUCKDB[kind.name]


def boundary_type(sql_type: str) -> str:
    """The DuckDB type that crosses into a function: JSON goes as text."""
    kind = duckdb_type(sql_type)
    return "VARCHAR" if kind == "JSON" else kind


def arrow_type(sql_type: str) -> pa.DataType:
    """The Arrow type of a function's result."""
    import pyarrow as pa

    kind = SqlType.parse(sql_type)
    if kind.name == "NUMBER":
        return pa.decimal128(*kind.parameters)
    return {
        "VARCHAR": pa.string(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_(), "DATE": pa.date32(),
        "TIME": pa.time64("us"), "BLOB": pa.binary(), "TIMESTAMP": pa.timestamp("us"),
        "TIMESTAMPTZ": pa.timestamp("us", "UTC"),
    }[boundary_type(sql_type)]  # fmt: skip


def to_worker(column: pa.Array, sql_type: str, *, vectorized: bool) -> Column:
    """A column as the worker takes it: buffers wherever a vectorized handler gets a NumPy-backed column."""
    kind = SqlType.parse(sql_type)
    if not vectorized:
        return _objects(_local(column) if kind.name == "TIMESTAMP_LTZ" else column)
    match kind.name:
        case "FLOAT":
            return _floats(column)
        case "NUMBER":
            return _number(column, *kind.parameters)
        case "BOOLEAN":
            return _masked(column, "bool")
        case "DATE" | "TIMESTAMP_NTZ" | "TIMESTAMP_LTZ":
            return _moments(column)
        case "TIME":
            return _times(column)
    return _objects(column)


def _objects(column: pa.Array) -> Column:
    values: list[Any] = column.to_pylist()
    return values


def _local(column: pa.Array) -> pa.Array:
    """LTZ arrives without a time zone, in that of the session: here it is UTC."""
    import pyarrow as pa

    return column.cast(pa.timestamp("us"))


def _floats(column: pa.Array) -> Column:
    import pyarrow as pa

    return ("float64", column.cast(pa.float64()).to_numpy(zero_copy_only=False).tobytes(), None)


def _number(column: pa.Array, precision: int, scale: int) -> Column:
    """Nullable integers by precision, Decimal objects where there is a scale or too many digits."""
    import pyarrow as pa

    for digits, dtype in ((4, "int16"), (9, "int32"), (18, "int64")):
        if precision <= digits and not scale:
            return _masked(column.cast(pa.int64()), dtype)
    return _objects(column)


def _masked(column: pa.Array, dtype: str) -> Column:
    nulls = column.is_null().to_numpy(zero_copy_only=False)
    values = column.fill_null(False if dtype == "bool" else 0).to_numpy(zero_copy_only=False)
    return (dtype, values.astype(dtype).tobytes(), nulls.astype("bool").tobytes())


def _moments(column: pa.Array) -> Column:
    import pyarrow as pa

    micros = _local(column).cast(pa.int64())
    return ("datetime64[us]", micros.fill_null(NOT_A_TIME).to_numpy(zero_copy_only=False).tobytes(), None)


def _times(column: pa.Array) -> Column:
    import pyarrow as pa

    micros = column.cast(pa.time64("us")).cast(pa.int64()).fill_null(NOT_A_TIME)
    return ("timedelta64[us]", micros.to_numpy(zero_copy_only=False).tobytes(), None)


NOT_A_TIME = -(2**63)


def from_worker(result: Column, sql_type: str) -> pa.Array:
    """A worker's result as an Arrow column.

    Raises:
        ConversionError: a value does not fit the type.
    """
    import numpy as np
    import pyarrow as pa

    target = arrow_type(sql_type)
    try:
        if isinstance(result, tuple):
            # from_pandas turns NaN into NULL, as Snowflake does for vectorized functions.
            return pa.array(np.frombuffer(result[1], dtype=result[0]), type=target, from_pandas=True)
        if pa.types.is_decimal(target):
            step = Decimal(1).scaleb(-target.scale)
            result = [None if v is None else Decimal(str(v)).quantize(step, ROUND_HALF_UP, WIDE) for v in result]
        return pa.array(result, type=target)
    except (pa.ArrowException, TypeError, ValueError, OverflowError, InvalidOperation) as error:
        raise ConversionError(f"{error}") from error
