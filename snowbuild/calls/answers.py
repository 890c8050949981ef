"""What comes back from a function: as JSON, by the type that it returns, and whether it was expected. Pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from snowbuild.codec import parse_json
from snowbuild.config.values import Json
from snowbuild.sql import SqlType

if TYPE_CHECKING:
    from snowbuild.config.values import FunctionTest


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


def decode(value: object, returns: str) -> Json:
    """A result as the connector gives it → JSON; `returns` is the function's type, as `SqlType.parse` reads it.

    NULL and JSON's null are both None. An ARRAY with an element that is missing has no JSON, and stays text.
    """
    match value:
        case str() if SqlType.parse(returns).is_semi_structured:
            return _parsed(value)
        case None | bool() | int() | float() | str() | list() | dict():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case bytes() | bytearray():
            return value.hex().upper()
    return str(value)


def encode(answer: Json, returns: str) -> str:
    """An answer as text by itself: that of a VARIANT, an OBJECT or an ARRAY as JSON, and text as it is."""
    if isinstance(answer, str) and not SqlType.parse(returns).is_semi_structured:
        return answer
    return json_text(answer)


def as_returned(answer: Json, returns: str) -> Json:
    """A model's own answer as a function's type holds it: a class may be a number, and its function return VARCHAR."""
    is_text = SqlType.parse(returns).name == "VARCHAR"
    return str(answer) if is_text and answer is not None else answer


def rounding(returns: str) -> float:
    """What a number may lose in a function's type: half a unit in the last of its decimal places."""
    kind = SqlType.parse(returns)
    return 0.5 * 10.0 ** -kind.parameters[1] if kind.name == "NUMBER" else 0.0


def judge(test: FunctionTest, answer: Json) -> bool:
    """Whether the answer to a row is the expected one; where nothing is expected, any will do."""
    agreed = not test.compares or agrees(test.expect, answer, test.tolerance, test.absolute_tolerance)
    return agreed and _has_class(test, answer)


def expectation(test: FunctionTest) -> Json:
    """What a test asks for, as a message shows it."""
    if test.compares or test.label is None:
        return test.expect
    wanted: dict[str, Json] = {"class": test.label}
    return wanted if test.min_probability is None else {**wanted, "min-probability": test.min_probability}


def json_text(value: Json) -> str:
    """A value as messages and `call` show it: letters of every language as they are."""
    return json.dumps(value, ensure_ascii=False)


def agrees(expected: Json, actual: Json, tolerance: float, absolute: float = 0.0) -> bool:
    """Whether values are equal, numbers within the wider of a relative and an absolute tolerance; NaN equals NaN."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
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


def _is_close(expected: int | float, actual: int | float, tolerance: float, absolute: float) -> bool:
    if expected == actual:
        return True
    odd = [number for number in (expected, actual) if isinstance(number, float) and not math.isfinite(number)]
    if odd:
        return len(odd) == 2 and all(map(math.isnan, odd))
    # As floats, long integers would lose the digits in which they differ.
    wanted = Fraction(expected)
    return abs(wanted - Fraction(actual)) <= max(Fraction(tolerance) * abs(wanted), Fraction(absolute))


def probabilities(answer: Json) -> dict[str, float]:
    """Class → probability in an answer with `output` probabilities or both; empty in others."""
    inner = answer.get("probabilities", answer) if isinstance(answer, dict) else {}
    return {k: v for k, v in inner.items() if isinstance(v, int | float)} if isinstance(inner, dict) else {}


def predicted(answer: Json) -> Json:
    """The class that an answer stands for: the prediction, or what is the most probable."""
    if not isinstance(answer, dict):
        return answer
    if "prediction" in answer:
        return answer["prediction"]
    known = probabilities(answer)
    return max(known, key=known.__getitem__) if known else None


def _has_class(test: FunctionTest, answer: Json) -> bool:
    if test.label is None:
        return True
    found = predicted(answer)
    # The keys of an OBJECT are text, whatever the classes are.
    same = found == test.label if type(found) is type(test.label) else str(found) == str(test.label)
    least = test.min_probability
    return same and (least is None or probabilities(answer).get(str(test.label), 0.0) >= least)


def _parsed(text: str) -> Json:
    try:
        value: Json = parse_json(text)
    except ValueError:
        return text
    return value
