"""What comes back from a function."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from snowbuild.calls.answers import agrees, as_returned, decode, encode, json_text, rounding, standard

if TYPE_CHECKING:
    from snowbuild.calls.answers import Answer
    from snowbuild.config import Json


@pytest.mark.parametrize(
    ("returns", "value", "answer", "text"),
    [
        ("VARIANT", '"yes"', "yes", '"yes"'),
        ("VARIANT", '"1"', "1", '"1"'),
        ("VARIANT", "1", 1, "1"),
        ("VARIANT", "null", None, "null"),
        ("variant", None, None, "null"),
        ("OBJECT", '{\n  "é": 1\n}', {"é": 1}, '{"é": 1}'),
        ("ARRAY", "[\n  undefined\n]", "[\n  undefined\n]", '"[\\n  undefined\\n]"'),
        # Text that happens to be JSON is text.
        ("VARCHAR", "1", "1", "1"),
        ("STRING", '{"a": 1}', '{"a": 1}', '{"a": 1}'),
        ("FLOAT", 1.5, 1.5, "1.5"),
        ("BOOLEAN", True, True, "true"),
        ("NUMBER(9,2)", Decimal("3.25"), 3.25, "3.25"),
        ("NUMBER", Decimal(12345678901234567890), 12345678901234567890, "12345678901234567890"),
        ("BINARY", bytearray(b"\x01\xff"), "01FF", "01FF"),
        ("DATE", date(2026, 1, 31), "2026-01-31", "2026-01-31"),
    ],
)
def test_the_type_says_what_a_result_is(returns: str, value: object, answer: Json, text: str) -> None:
    assert decode(value, returns) == answer
    assert type(decode(value, returns)) is type(answer)
    assert encode(answer, returns) == text


@pytest.mark.parametrize(
    ("answer", "returns", "returned", "lost"),
    [
        (3, "VARCHAR", "3", 0.0),
        (None, "VARCHAR(10)", None, 0.0),
        (3, "FLOAT", 3, 0.0),
        (1.005, "NUMBER(9,2)", 1.005, 0.005),
        (3, "INT", 3, 0.5),
    ],
)
def test_a_models_own_answer_in_a_functions_type(answer: Json, returns: str, returned: Json, lost: float) -> None:
    assert as_returned(answer, returns) == returned
    assert rounding(returns) == pytest.approx(lost)


LONG = Decimal("12345678901234567890.1234567891")
"""More digits than a float holds."""


def test_a_number_keeps_the_digits_that_a_float_would_lose() -> None:
    assert decode(LONG, "NUMBER(38,10)") == LONG
    assert encode(LONG, "NUMBER(38,10)") == "12345678901234567890.1234567891"
    assert json_text(LONG) == '"12345678901234567890.1234567891"'
    assert encode(Decimal("1.2345678901234567891E-8"), "NUMBER(38,27)") == "0.000000012345678901234567891"


@pytest.mark.parametrize(
    ("expected", "tolerance", "same"),
    [
        ("12345678901234567890.1234567891", 0, True),
        ("12345678901234567890.12345678910", 0, True),
        ("12345678901234567890.1234567892", 0, False),
        ("12345678901234567890.1234567892", 1e-29, True),
        (12345678901234567890.1234567891, 0, False),
        (12345678901234567890.1234567891, 1e-12, True),
        ("a", 0, False),
        ("NaN", 1, False),
        ("sNaN", 1, False),
        (None, 1, False),
        (True, 1, False),
    ],
)
def test_to_a_decimal_text_is_the_number_that_it_spells(expected: Json, tolerance: float, same: bool) -> None:
    assert agrees(expected, LONG, tolerance) is same


def test_every_reader_takes_what_is_written_as_json() -> None:
    given: list[Answer] = [1.5, None, {"a": 1}, LONG, float("nan"), float("-inf")]
    assert [standard(one) for one in given] == [1.5, None, {"a": 1}, "12345678901234567890.1234567891", "nan", "-inf"]
