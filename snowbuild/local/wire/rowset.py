"""A table as clients read it: Arrow's stream format in base64, with Snowflake's layout of each type."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from fakesnow.arrow import to_ipc, to_sf

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types


def rowset(table: pa.Table, rowtype: list[Any]) -> str:
    """Lay a table out; `rowtype` describes its columns as the answer does."""
    return b64encode(to_ipc(_with_nulls(table, to_sf(table, rowtype)))).decode()


def _with_nulls(table: pa.Table, laid_out: pa.Table) -> pa.Table:
    """Put back what fakesnow loses: it makes a structure of a moment, which is there for a NULL too, and says 1970."""
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
