"""A row for a function: the SQL that calls it, and whether what comes back is what was expected. Pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from snowbuild import sql
from snowbuild.config.values import InputForm, Json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snowbuild.config.values import FunctionConfig, FunctionTest, TargetConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a test's row gave."""

    function: str
    number: int
    """Counts from 1 within the function."""
    passed: bool
    expected: Json
    """With a class to check and no value: what `class` and `min-probability` say."""
    actual: Json
    error: str | None = None
    """Snowflake's message, when the call failed."""

    @property
    def complaint(self) -> str:
        """What is wrong with a row that did not pass."""
        return self.error or f"expected {json_text(self.expected)}, got {json_text(self.actual)}"


def call_statement(
    function: FunctionConfig, target: TargetConfig, row: Sequence[Json], *, name: str | None = None
) -> str:
    """SELECT of one call; `row` has a value for each argument, in the order of snowbuild.toml.

    It may end before arguments that have a default. `name` calls the function under another name than its own.
    """
    values = [sql.value(value, argument.type) for value, argument in zip(row, function.arguments, strict=False)]
    return f'SELECT {call(function, target, values, name=name)} AS "RESULT"'


def table_statement(function: FunctionConfig, target: TargetConfig, rows: Sequence[Sequence[Json]]) -> str:
    """SELECT of a call for each of the rows: columns NUMBER, which counts from 0, and RESULT.

    Values travel as text and are cast: so they have one type per column, whatever a row lacks.
    """
    types = [sql.SqlType.parse(argument.type) for argument in function.arguments]
    listed = ",\n".join(f"({', '.join([str(number), *map(_as_text, row, types)])})" for number, row in enumerate(rows))
    values = [sql.from_text(f"COLUMN{i}", kind) for i, kind in enumerate(types, 2)]
    called = f'SELECT COLUMN1 AS "NUMBER", {call(function, target, values)} AS "RESULT"'
    return f"{called} FROM VALUES\n{listed}"


def call(function: FunctionConfig, target: TargetConfig, values: Iterable[str], *, name: str | None = None) -> str:
    """The call itself; `values` are expressions for the arguments, in their order."""
    given = list(values)
    match function.input:
        case InputForm.COLUMNS:
            arguments = ", ".join(given)
        case InputForm.ARRAY:
            arguments = f"ARRAY_CONSTRUCT({', '.join(given)})"
        case InputForm.OBJECT:
            pairs = (f"{sql.literal(a.name)}, {v}" for a, v in zip(function.arguments, given, strict=True))
            arguments = f"OBJECT_CONSTRUCT_KEEP_NULL({', '.join(pairs)})"
    return f"{sql.qualified(target.database, target.schema, name or function.name)}({arguments})"


def result(function: FunctionConfig, value: object) -> object:
    """A result as the connector gives it, where all that is in a VARIANT is text of JSON → the value itself."""
    if isinstance(value, str) and sql.SqlType.parse(function.returns).name == "VARIANT":
        return json.loads(value)
    return value


def judge(test: FunctionTest, actual: object) -> tuple[bool, Json]:
    """Whether the result of a row is the expected one, and the result as JSON; `actual` as `result` gives it.

    Where nothing is expected, any result will do.
    """
    structured = test.label is not None or isinstance(test.expect, list | dict)
    plain = to_json(actual, parse=structured or not test.compares)
    passed = not test.compares or agrees(test.expect, plain, test.tolerance, test.absolute_tolerance)
    return passed and _has_class(test, plain), plain


def expectation(test: FunctionTest) -> Json:
    """What a test asks for, as a message shows it."""
    if test.compares or test.label is None:
        return test.expect
    wanted: dict[str, Json] = {"class": test.label}
    return wanted if test.min_probability is None else {**wanted, "min-probability": test.min_probability}


def to_json(value: object, *, parse: bool = False) -> Json:
    """A result as the connector gives it → JSON; with `parse`, text of an OBJECT or ARRAY is read."""
    match value:
        case None | bool() | int() | float() | list() | dict():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case str():
            return _parsed(value) if parse else value
    return str(value)


def json_text(value: Json) -> str:
    """A value as messages and `call` show it: letters of every language as they are."""
    return json.dumps(value, ensure_ascii=False)


def agrees(expected: Json, actual: Json, tolerance: float, absolute: float = 0.0) -> bool:
    """Whether values are equal, numbers within the wider of a relative and an absolute tolerance."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        return math.isclose(expected, actual, rel_tol=0.0, abs_tol=max(tolerance * abs(expected), absolute))
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(
            agrees(e, a, tolerance, absolute) for e, a in zip(expected, actual, strict=True)
        )
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(
            agrees(v, actual[k], tolerance, absolute) for k, v in expected.items()
        )
    return expected == actual


def probabilities(result: Json) -> dict[str, float]:
    """Class → probability in a result with `output` probabilities or both; empty in others."""
    inner = result.get("probabilities", result) if isinstance(result, dict) else {}
    return {k: v for k, v in inner.items() if isinstance(v, int | float)} if isinstance(inner, dict) else {}


def predicted(result: Json) -> Json:
    """The class that a result stands for: the prediction, or what is the most probable."""
    if not isinstance(result, dict):
        return result
    if "prediction" in result:
        return result["prediction"]
    known = probabilities(result)
    return max(known, key=known.__getitem__) if known else None


def _has_class(test: FunctionTest, result: Json) -> bool:
    if test.label is None:
        return True
    found = predicted(result)
    # The keys of an OBJECT are text, whatever the classes are.
    same = found == test.label if type(found) is type(test.label) else str(found) == str(test.label)
    least = test.min_probability
    return same and (least is None or probabilities(result).get(str(test.label), 0.0) >= least)


def _parsed(text: str) -> Json:
    try:
        value: Json = json.loads(text)
    except ValueError:
        return text
    # A VARCHAR that happens to be a number is text all the same.
    return value if isinstance(value, list | dict) else text


def _as_text(value: Json, kind: sql.SqlType) -> str:
    if value is None:
        return "NULL"
    return sql.literal(value if isinstance(value, str) and not kind.is_semi_structured else json.dumps(value))
