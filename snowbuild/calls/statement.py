"""The SQL that calls a function with rows. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, assert_never

from snowbuild import sql
from snowbuild.config.values import InputForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snowbuild.config.values import FunctionConfig, Json, TargetConfig


def call_statement(
    function: FunctionConfig, target: TargetConfig, row: Sequence[Json], *, name: str | None = None
) -> str:
    """The SELECT for one call; `row` has a value for each argument, in the order of snowbuild.toml.

    It may end before arguments that have a default. `name` calls the function under another name than its own.
    """
    values = [sql.value(value, argument.type) for value, argument in zip(row, function.arguments, strict=False)]
    return f'SELECT {call(function, target, values, name=name)} AS "RESULT"'


def table_statement(function: FunctionConfig, target: TargetConfig, rows: Sequence[Sequence[Json]]) -> str:
    """The SELECT for a call with each of the rows: columns NUMBER, counted from 0, and RESULT.

    Values are sent as text and cast, so that each column has one type, whatever a row lacks.
    """
    types = [sql.SqlType.parse(argument.type) for argument in function.arguments]
    listed = ",\n".join(f"({', '.join([str(number), *map(_as_text, row, types)])})" for number, row in enumerate(rows))
    values = [sql.from_text(f"COLUMN{i}", kind) for i, kind in enumerate(types, 2)]
    called = f'SELECT COLUMN1 AS "NUMBER", {call(function, target, values)} AS "RESULT"'
    return f"{called} FROM VALUES\n{listed}"


def describe_statement(function: FunctionConfig, target: TargetConfig) -> str:
    """The DESCRIBE for the function itself."""
    types = tuple(sql.SqlType.parse(argument.type).name for argument in function.sql_arguments)
    signature = sql.Signature(sql.stored(function.name), types)
    return f"DESCRIBE FUNCTION {sql.qualified(target.database, target.schema)}.{signature.sql}"


def call(function: FunctionConfig, target: TargetConfig, values: Iterable[str], *, name: str | None = None) -> str:
    """The call itself; `values` are expressions for the arguments, in order."""
    given = list(values)
    match function.input:
        case InputForm.COLUMNS:
            arguments = ", ".join(given)
        case InputForm.ARRAY:
            arguments = f"ARRAY_CONSTRUCT({', '.join(given)})"
        case InputForm.OBJECT:
            pairs = (f"{sql.literal(a.name)}, {v}" for a, v in zip(function.arguments, given, strict=True))
            arguments = f"OBJECT_CONSTRUCT_KEEP_NULL({', '.join(pairs)})"
        case _:
            assert_never(function.input)
    return f"{sql.qualified(target.database, target.schema, name or function.name)}({arguments})"


def _as_text(value: Json, kind: sql.SqlType) -> str:
    if value is None:
        return "NULL"
    return sql.literal(value if isinstance(value, str) and not kind.is_semi_structured else json.dumps(value))
