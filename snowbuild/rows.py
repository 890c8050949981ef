"""A row for a function: the SQL that calls it, and whether what comes back is what was expected. Pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from snowbuild.config.values import InputForm, Json
from snowbuild.sql import SqlType, literal, qualified

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snowbuild.config.values import FunctionConfig, FunctionTest, TargetConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a test's row gave."""

    function: str
    number: int
    """Counts from 1 within the function."""
    passed: bool
    expected: Json
    actual: Json
    error: str | None = None
    """Snowflake's message, when the call failed."""


def call_statement(
    function: FunctionConfig, target: TargetConfig, row: Sequence[Json], *, name: str | None = None
) -> str:
    """SELECT of one call; `row` has a value for each argument, in the order of snowbuild.toml.

    `name` calls the function under another name than its own.
    """
    values = [_value(value, argument.type) for value, argument in zip(row, function.arguments, strict=True)]
    match function.input:
        case InputForm.COLUMNS:
            arguments = ", ".join(values)
        case InputForm.ARRAY:
            arguments = f"ARRAY_CONSTRUCT({', '.join(values)})"
        case InputForm.OBJECT:
            pairs = (f"{literal(a.name)}, {v}" for a, v in zip(function.arguments, values, strict=True))
            arguments = f"OBJECT_CONSTRUCT_KEEP_NULL({', '.join(pairs)})"
    return f'SELECT {qualified(target.database, target.schema, name or function.name)}({arguments}) AS "RESULT"'


def judge(test: FunctionTest, actual: object) -> tuple[bool, Json]:
    """Whether the result of a row is the expected one, and the result as JSON."""
    plain = to_json(actual, parse=isinstance(test.expect, list | dict))
    return _agrees(test.expect, plain, test.tolerance), plain


def to_json(value: object, *, parse: bool = False) -> Json:
    """A result as the connector gives it → JSON; with `parse`, text of an OBJECT or ARRAY is read."""
    match value:
        case None | bool() | int() | float():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case str():
            try:
                return json.loads(value) if parse else value
            except json.JSONDecodeError:
                return value
    return str(value)


def _agrees(expected: Json, actual: Json, tolerance: float) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        return math.isclose(expected, actual, rel_tol=0.0, abs_tol=tolerance * abs(expected))
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(_agrees, expected, actual, [tolerance] * len(expected)))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_agrees(v, actual[k], tolerance) for k, v in expected.items())
    return expected == actual


def _value(value: Json, type_name: str) -> str:
    kind = SqlType.parse(type_name)
    if value is not None and kind.name in ("VARIANT", "ARRAY", "OBJECT"):
        # PARSE_JSON alone gives a VARIANT, which no overload with ARRAY or OBJECT takes.
        return f"CAST(PARSE_JSON({literal(json.dumps(value))}) AS {kind})"
    return f"CAST({_constant(value)} AS {kind})"


def _constant(value: Json) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return repr(value)
        case str():
            return literal(value)
    return literal(json.dumps(value))
