"""A function's answers: as JSON, by the function's return type, and when two answers are equal. Pure."""

from __future__ import annotations

import json
import math
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from snowbuild.codec import parse_json
from snowbuild.sql import SqlType

if TYPE_CHECKING:
    from snowbuild.config.values import Json

Answer: TypeAlias = "Json | Decimal"
"""What a function returned: a JSON value, or a number with more digits than a float can hold."""


def decode(value: object, returns: str) -> Answer:
    """A result as the connector returns it → JSON; `returns` is the function's type, for `SqlType.parse`.

    NULL and JSON's null are both None. An ARRAY with a missing element is not valid JSON, and stays text. A NUMBER
    stays a Decimal if a float would lose some of its digits.
    """
    match value:
        case str() if SqlType.parse(returns).is_semi_structured:
            return _parsed(value)
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case Decimal():
            if value == value.to_integral_value():
                return int(value)
            near = float(value)
            return near if Decimal(repr(near)) == value else value
        case bytes() | bytearray():
            return value.hex().upper()
    return str(value)


def encode(answer: Answer, returns: str) -> str:
    """An answer as text: that of a VARIANT, an OBJECT or an ARRAY as JSON, and text unchanged."""
    if isinstance(answer, Decimal):
        return digits(answer)
    if isinstance(answer, str) and not SqlType.parse(returns).is_semi_structured:
        return answer
    return json_text(answer)


def as_returned(answer: Json, returns: str) -> Json:
    """A model's own answer in a function's type: a class may be a number while the function returns VARCHAR."""
    is_text = SqlType.parse(returns).name == "VARCHAR"
    return str(answer) if is_text and answer is not None else answer


def rounding(returns: str) -> float:
    """What a number may lose in a function's type: half a unit in its last decimal place."""
    kind = SqlType.parse(returns)
    return 0.5 * 10.0 ** -kind.parameters[1] if kind.name == "NUMBER" else 0.0


def json_text(value: Answer) -> str:
    """A value as messages show it, without escapes for non-ASCII letters."""
    return json.dumps(digits(value) if isinstance(value, Decimal) else value, ensure_ascii=False)


def digits(number: Decimal) -> str:
    """A number as text with all its digits, as snowbuild.toml writes one that is too long for a float."""
    return format(number, "f")


def standard(value: Answer) -> Json:
    """An answer for any JSON reader: numbers that JSON cannot express, or that readers round, become text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return digits(value) if isinstance(value, Decimal) else value


def agrees(expected: Json, actual: Answer, tolerance: float, absolute: float = 0.0) -> bool:
    """Whether values are equal, numbers within the wider of a relative and an absolute tolerance; NaN equals NaN.

    Compared with a Decimal, text counts as the number that it spells.
    """
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(actual, Decimal):
        wanted = _number(expected)
        return wanted is not None and _is_close(wanted, actual, tolerance, absolute)
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        return _is_close(expected, actual, tolerance, absolute)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(
            agrees(e, a, tolerance, absolute) for e, a in zip(expected, actual, strict=True)
        )
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(
            agrees(v, actual[k], tolerance, absolute) for k, v in expected.items()
        )
    return expected == actual


def _number(expected: Json) -> int | float | Decimal | None:
    if isinstance(expected, str):
        try:
            number = Decimal(expected)
        except InvalidOperation:
            return None
        return number if number.is_finite() else None
    return expected if isinstance(expected, int | float) else None


def _is_close(
    expected: int | float | Decimal, actual: int | float | Decimal, tolerance: float, absolute: float
) -> bool:
    if expected == actual:
        return True
    odd = [number for number in (expected, actual) if isinstance(number, float) and not math.isfinite(number)]
    if odd:
        return len(odd) == 2 and all(map(math.isnan, odd))
    # Long integers would lose, as floats, the digits in which they differ.
    wanted = Fraction(expected)
    return abs(wanted - Fraction(actual)) <= max(Fraction(tolerance) * abs(wanted), Fraction(absolute))


def probabilities(answer: Answer) -> dict[str, float]:
    """Class → probability in an answer with `output` probabilities or both; empty for others."""
    inner = answer.get("probabilities", answer) if isinstance(answer, dict) else {}
    return {k: v for k, v in inner.items() if isinstance(v, int | float)} if isinstance(inner, dict) else {}


def _parsed(text: str) -> Json:
    try:
        value: Json = parse_json(text)
    except ValueError:
        return text
    return value
