"""Whether an answer is what a row asks for, and what the row would have to ask for instead."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from snowbuild.calls.verdicts import (
    Check,
    Verdict,
    corrected,
    corrections,
    expectation,
    failures,
    without_traceback,
)
from snowbuild.config import FunctionTest

if TYPE_CHECKING:
    from snowbuild.config import Json

ODDS: dict[str, Json] = {"low": 0.25, "high": 0.75}


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
def test_values(expect: Json, tolerance: float, answer: Json, passed: bool) -> None:
    test = FunctionTest(arguments=(), expect=expect, tolerance=tolerance)
    assert (not failures(test, answer)) is passed


@pytest.mark.parametrize(
    ("tolerance", "absolute", "passed"), [(0.1, 0, True), (0, 10, True), (0.01, 5, False), (0.01, 12, True)]
)
def test_the_wider_tolerance_holds(tolerance: float, absolute: float, passed: bool) -> None:
    test = FunctionTest(arguments=(), expect=100, tolerance=tolerance, absolute_tolerance=absolute)
    assert (not failures(test, 110)) is passed


@pytest.mark.parametrize(
    ("label", "least", "answer", "passed"),
    [
        ("yes", None, "yes", True),
        ("yes", None, "no", False),
        (1, None, 1, True),
        (1, None, 1.0, True),
        # Text is a class of its own, unless it is the key of an OBJECT.
        (1, None, "1", False),
        ("1", None, 1, False),
        (2, None, {"1": 0.4, "2": 0.6}, True),
        (2, 0.6, {"1.0": 0.4, "2.0": 0.6}, True),
        (2, None, {"a": 0.4, "b": 0.6}, False),
        (True, 0.6, {"False": 0.4, "True": 0.6}, True),
        (1, None, {"False": 0.4, "True": 0.6}, False),
        (2, 0.6, {"prediction": 2, "probabilities": {"1": 0.4, "2": 0.6}}, True),
        ("None", None, None, False),
        ("None", None, {"prediction": None}, False),
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
    assert (not failures(test, answer)) is passed


def test_where_nothing_is_expected_any_result_will_do() -> None:
    test = FunctionTest(arguments=(), compares=False)
    assert not failures(test, {"a": 1})
    assert not failures(test, None)


def test_what_a_test_asks_for() -> None:
    assert expectation(FunctionTest(arguments=(), compares=False)) == {}
    assert expectation(FunctionTest(arguments=(), expect=None)) == {"expect": None}
    assert expectation(FunctionTest(arguments=(), expect=1, label="a", min_probability=0.5)) == {
        "expect": 1,
        "class": "a",
        "min-probability": 0.5,
    }


@pytest.mark.parametrize(
    ("test", "answer", "complaint"),
    [
        (FunctionTest(arguments=(), expect=1), 2, "expected 1, got 2"),
        (FunctionTest(arguments=()), "hübsch", 'expected null, got "hübsch"'),
        # The value is right, and the class is not: only that is said.
        (FunctionTest(arguments=(), expect=ODDS, label="low"), ODDS, 'expected class "low", got "high"'),
        (FunctionTest(arguments=(), compares=False, label="low"), None, 'expected class "low", got null'),
        (
            FunctionTest(arguments=(), expect={}, label="low", min_probability=0.5),
            ODDS,
            'expected {}, got {"low": 0.25, "high": 0.75}; expected class "low", got "high"; '
            'expected a probability of at least 0.5 for class "low", got 0.25',
        ),
        (
            FunctionTest(arguments=(), compares=False, label=1, min_probability=0.5),
            1,
            "no probabilities in the answer",
        ),
    ],
)
def test_what_is_wrong_is_said_of_each_check(test: FunctionTest, answer: Json, complaint: str) -> None:
    verdict = Verdict(function="f", number=1, test=test, answer=answer)
    assert (verdict.passed, verdict.complaint) == (False, complaint)


def test_a_call_that_failed_says_so_alone() -> None:
    verdict = Verdict(function="f", number=1, test=FunctionTest(arguments=(), expect=1), error="no such function")
    assert (verdict.passed, verdict.failures, verdict.complaint) == (False, {}, "no such function")
    assert replace(verdict, error=None, answer=1).passed


def asking(**keys: object) -> FunctionTest:
    return FunctionTest(arguments=(), **{"compares": False, **keys})  # type: ignore[arg-type]  # as a row writes them


@pytest.mark.parametrize(
    ("test", "answer", "changes", "left"),
    [
        (asking(), 1.5, {Check.VALUE: 1.5}, []),
        (asking(), None, {Check.VALUE: None}, []),
        (asking(compares=True, expect=1), 1, {}, []),
        (asking(compares=True, expect=1), 2, {Check.VALUE: 2}, []),
        (asking(compares=True, expect=1, tolerance=0.5), 1.25, {}, []),
        (asking(), Decimal("0.12345678901234567891"), {Check.VALUE: "0.12345678901234567891"}, []),
        (asking(label="low"), ODDS, {Check.CLASS: "high"}, []),
        # Each key that is wrong, and no other.
        (asking(compares=True, expect=ODDS, label="low"), ODDS, {Check.CLASS: "high"}, []),
        (asking(compares=True, expect={}, label="low"), ODDS, {Check.VALUE: ODDS, Check.CLASS: "high"}, []),
        # No probability is lowered because a model got worse.
        (asking(label="high", min_probability=0.9), ODDS, {}, [Check.PROBABILITY]),
        (asking(label="low", min_probability=0.9), ODDS, {Check.CLASS: "high"}, [Check.PROBABILITY]),
        (asking(label="low", min_probability=0.7), ODDS, {Check.CLASS: "high"}, []),
        (asking(label=1, min_probability=0.5), 1, {}, [Check.PROBABILITY]),
        # There is no class to write.
        (asking(label="low"), None, {}, [Check.CLASS]),
        (asking(label="low"), [1], {}, [Check.CLASS]),
    ],
)
def test_what_a_row_would_have_to_ask_for(
    test: FunctionTest, answer: Json, changes: dict[Check, Json], left: list[Check]
) -> None:
    assert corrections(test, answer) == changes
    assert list(failures(corrected(test, changes), answer)) == left


@pytest.mark.parametrize(
    ("error", "alone"),
    [
        ("no such function", "no such function"),
        (
            "target t: 100357 (P0000): Python Interpreter Error:\n"
            "Traceback (most recent call last):\n"
            '  File "f.py", line 1, in f\n    int(x)\n    ~~~^^^\nValueError: x\n\n'
            "The above exception was the direct cause of the following exception:\n\n"
            "Traceback (most recent call last):\n"
            '  File "f.py", line 3, in f\n    raise B from e\nKeyError: b\n in function F with handler f.f',
            "KeyError: b in function F with handler f.f",
        ),
        ("Traceback (most recent call last):\n", "Traceback (most recent call last):\n"),
    ],
)
def test_an_exception_without_what_led_to_it(error: str, alone: str) -> None:
    assert without_traceback(error) == alone
