"""What comes back from a function, and its judgement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from snowbuild.calls.answers import Verdict, as_returned, decode, encode, expectation, judge, rounding
from snowbuild.config import FunctionTest

if TYPE_CHECKING:
    from snowbuild.config import Json


@pytest.mark.parametrize(
    ("expect", "tolerance", "answer", "passed"),
    [
        (100.0, 0.1, 109.9, True),
        (100.0, 0.1, 110.1, False),
        (-100, 0.1, -91, True),
        (0, 0.5, 0.0, True),
        (0, 0.5, 1e-9, False),
        ("yes", 0, "yes", True),
        ("yes", 0, "no", False),
        (None, 0, None, True),
        (None, 0, 0.0, False),
        (True, 0, True, True),
        (1, 0, True, False),
        (1, 0, "1", False),
        (float("nan"), 0, float("nan"), True),
        (float("nan"), 0, 1.0, False),
        (float("inf"), 0, float("inf"), True),
        (float("inf"), 0.5, float("-inf"), False),
        (float("inf"), 0.5, float("nan"), False),
        (2**53, 0, 2**53 + 1, False),
        (2**53, 1e-15, 2**53 + 1, True),
        (10**400, 0, 1.0, False),
        ({"a": 0.5}, 0.01, {"a": 0.501}, True),
        ({"a": 0.5}, 0.01, {"b": 0.5}, False),
        ([1, 2], 0, [1, 2], True),
        ([1, 2], 0, [1], False),
        ([1, 2], 0, "[1, 2]", False),
    ],
)
def test_judge(expect: Json, tolerance: float, answer: Json, passed: bool) -> None:
    assert judge(FunctionTest(arguments=(), expect=expect, tolerance=tolerance), answer) is passed


@pytest.mark.parametrize(
    ("tolerance", "absolute", "passed"), [(0.1, 0, True), (0, 10, True), (0.01, 5, False), (0.01, 12, True)]
)
def test_the_wider_tolerance_holds(tolerance: float, absolute: float, passed: bool) -> None:
    test = FunctionTest(arguments=(), expect=100, tolerance=tolerance, absolute_tolerance=absolute)
    assert judge(test, 110) is passed


@pytest.mark.parametrize(
    ("label", "least", "answer", "passed"),
    [
        ("yes", None, "yes", True),
        ("yes", None, "no", False),
        (1, None, 1, True),
        (1, None, "1", True),
        (True, None, True, True),
        (True, None, 1, False),
        ("yes", None, {"no": 0.4, "yes": 0.6}, True),
        ("yes", 0.6, {"no": 0.4, "yes": 0.6}, True),
        ("yes", 0.7, {"no": 0.4, "yes": 0.6}, False),
        (2, 0.5, {"1": 0.4, "2": 0.6}, True),
        # A threshold may make the less probable class the predicted one.
        ("no", 0.4, {"prediction": "no", "probabilities": {"no": 0.4, "yes": 0.6}}, True),
        ("yes", None, {"prediction": "no", "probabilities": {"no": 0.4, "yes": 0.6}}, False),
        ("yes", 0.1, "yes", False),
        ("yes", None, None, False),
    ],
)
def test_classes(label: Json, least: float | None, answer: Json, passed: bool) -> None:
    test = FunctionTest(arguments=(), compares=False, label=label, min_probability=least)
    assert judge(test, answer) is passed


def test_where_nothing_is_expected_any_result_will_do() -> None:
    test = FunctionTest(arguments=(), compares=False)
    assert judge(test, {"a": 1})
    assert judge(test, None)


def test_what_a_test_asks_for() -> None:
    assert expectation(FunctionTest(arguments=(), expect=1, label="a")) == 1
    assert expectation(FunctionTest(arguments=(), compares=False, label="a")) == {"class": "a"}
    assert expectation(FunctionTest(arguments=(), compares=False, label="a", min_probability=0.5)) == {
        "class": "a",
        "min-probability": 0.5,
    }


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


def test_a_call_that_failed_says_so_alone() -> None:
    verdict = Verdict(function="f", number=1, passed=False, expected=None, actual=2)
    assert verdict.complaint == "expected null, got 2"
    assert replace(verdict, actual="hübsch").complaint == 'expected null, got "hübsch"'
    assert replace(verdict, actual=None, error="no such function").complaint == "no such function"
