"""[[functions.NAME.tests]]: rows, and what a function must return for them.

TOML has no null: `{ null = true }` stands for it, in a row, in an expected value, and nested inside either.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from snowbuild.config.reader import kind, wrong_type
from snowbuild.config.values import FunctionTest
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from snowbuild.config.reader import Table
    from snowbuild.config.values import Json

NULL = {"null": True}
"""How NULL is written."""

# Snowflake's widest NUMBER.
MOST_DIGITS = 38


def read_tests(
    table: Table, fewest: int, most: int | None, *, has_probabilities: bool = True
) -> tuple[FunctionTest, ...]:
    """A function's test rows; each must have from `fewest` to `most` values, where None means any number.

    `has_probabilities` is False if the answers are known to have none.
    """
    return table.array("tests", partial(_test, fewest, most, has_probabilities))


def _test(fewest: int, most: int | None, has_probabilities: bool, table: Table) -> FunctionTest:
    if "arguments" not in table:
        table.missing("arguments", "[1, 2.5, true]")
    row = table.value("arguments", _row, None)
    if row is not None and most is not None and not fewest <= len(row) <= most:
        wanted = str(most) if fewest == most else f"{fewest} to {most}"
        table.problem("arguments", f"expected {wanted} values, found {len(row)}", "write one for each argument")
    if "min-probability" in table and "class" not in table:
        table.problem("min-probability", "no class to which it applies", 'add class = "yes"')
    if "min-probability" in table and not has_probabilities:
        message = 'output = "prediction" returns no probabilities'
        table.problem("min-probability", message, 'set output = "both", or remove min-probability')
    return FunctionTest(
        arguments=tuple(row or ()),
        expect=table.value("expect", json_value, None),
        compares="expect" in table,
        tolerance=table.value("tolerance", _tolerance, 0.0),
        absolute_tolerance=table.value("absolute-tolerance", _tolerance, 0.0),
        label=table.value("class", _label, None),
        min_probability=table.value("min-probability", _probability, None),
    )


def json_value(value: object) -> Json:
    """A value as JSON, which is what Snowflake's VARIANT can hold."""
    if value == NULL:
        return None
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, dict):
        return {key: json_value(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        hint = "write a missing value as { null = true }" if math.isnan(value) else None
        raise ConfigError(f"{value} is not a number that JSON can hold", hint=hint)
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        raise ConfigError(f"an integer can have at most {MOST_DIGITS} digits")
    if not isinstance(value, str | bool | int | float):
        raise ConfigError(f"expected a JSON value, found {kind(value)}", hint="write it in double quotes")
    return value


def _row(value: object) -> list[Json]:
    if not isinstance(value, list):
        raise wrong_type(value, "an array")
    return [json_value(item) for item in value]


def _label(value: object) -> Json:
    if not isinstance(value, str | bool | int | float):
        raise wrong_type(value, "a string, a number or a boolean")
    return json_value(value)


def _tolerance(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(value, "a number")
    # Also refuses nan, and integers that no float can hold.
    if not 0 <= value < math.inf or (isinstance(value, int) and value >= 10**MOST_DIGITS):
        raise ConfigError("expected a finite number that is not negative")
    return float(value)


def _probability(value: object) -> float:
    number = _tolerance(value)
    if number > 1:
        raise ConfigError("expected a number from 0 to 1")
    return number
