"""A table as clients read it: Arrow's stream format in base64, with Snowflake's layout of each type."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from fakesnow.arrow import to_ipc, to_sf

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

JSON = frozenset({"variant", "array", "object"})
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]\s*[\]}]|[\[\]{},:]|[^\s\[\]{},:"]+')


def typed(table: pa.Table, rowtype: list[Any]) -> pa.Table:
    """Mark JSON, which DuckDB returns as text, so that queries of the result find a VARIANT."""
    import pyarrow as pa

    for index, described in enumerate(rowtype):
        if described["type"] in JSON:
            marked = pa.ExtensionArray.from_storage(pa.json_(pa.string()), table.column(index).combine_chunks())
            table = table.set_column(index, table.column_names[index], marked)
    return table


def rowset(table: pa.Table, rowtype: list[Any]) -> str:
    """Lay a table out; `rowtype` describes its columns as the answer does."""
    kinds = [described["type"] for described in rowtype]
    columns = [_column(column, kind) for column, kind in zip(table.columns, kinds, strict=True)]
    table = type(table).from_arrays(columns, names=table.column_names)
    return b64encode(to_ipc(_with_nulls(table, to_sf(table, rowtype)))).decode()


def _column(column: pa.ChunkedArray, kind: str) -> pa.ChunkedArray | pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc  # type: ignore[import-untyped]  # as above

    if kind in JSON:
        return pa.array([None if text is None else pretty(text) for text in column.to_pylist()], pa.string())
    if pa.types.is_decimal(column.type) and column.type.scale == 0:
        # Integers come in the smallest type that holds them, which pandas uses as it is.
        limits = pc.min_max(column).as_py()
        if all(limit is None or abs(limit) < 2**63 for limit in limits.values()):
            return column.cast(pa.int64())
    return column


def pretty(text: str) -> str:
    """JSON with one member per line, indented by two spaces, as Snowflake gives it. Pure."""
    if text[:1] not in ("[", "{"):
        return text
    parts: list[str] = []
    depth = 0
    for token in TOKEN.findall(text):
        match token[0], len(token):
            case "[" | "{", 1:
                depth += 1
                parts += token, "\n", "  " * depth
            case "[" | "{", _:
                parts += token[0], token[-1]
            case "]" | "}", _:
                depth -= 1
                parts += "\n", "  " * depth, token
            case ",", _:
                parts += ",\n", "  " * depth
            case ":", _:
                parts.append(": ")
            case _:
                parts.append(token)
    return "".join(parts)


def _with_nulls(table: pa.Table, laid_out: pa.Table) -> pa.Table:
    """Restore NULL timestamps: fakesnow turns each timestamp into a structure, even for NULL, which then says 1970."""
    import pyarrow as pa

    for index, column in enumerate(table.columns):
        if pa.types.is_timestamp(column.type) and column.null_count:
            parts = laid_out.column(index).combine_chunks()
            filled = pa.StructArray.from_arrays(
                [part.fill_null(0) for part in parts.flatten()],
                fields=list(parts.type),
                mask=column.combine_chunks().is_null(),
            )
            laid_out = laid_out.set_column(index, laid_out.schema.field(index), filled)
    return laid_out
