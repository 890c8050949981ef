"""The SQL of a call, and the judgement of what comes back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Argument, FunctionConfig, FunctionTest, InputForm, TargetConfig
from snowbuild.rows import Verdict, call_statement, expectation, judge, result, table_statement, to_json

if TYPE_CHECKING:
    from snowbuild.config import Json

TARGET = TargetConfig(name="local", database="local", schema="public", stage="s")
ARGUMENTS = (Argument(name="AGE", type="NUMBER(3,0)"), Argument(name="Ré'gion", type="VARCHAR"))


@pytest.mark.parametrize(
    ("form", "arguments"),
    [
        (InputForm.COLUMNS, "CAST(19 AS NUMBER(3,0)), CAST('it''s' AS VARCHAR)"),
        (InputForm.ARRAY, "ARRAY_CONSTRUCT(CAST(19 AS NUMBER(3,0)), CAST('it''s' AS VARCHAR))"),
        (
            InputForm.OBJECT,
            "OBJECT_CONSTRUCT_KEEP_NULL('AGE', CAST(19 AS NUMBER(3,0)), 'Ré''gion', CAST('it''s' AS VARCHAR))",
        ),
    ],
)
def test_call(form: InputForm, arguments: str) -> None:
    function = FunctionConfig(name="predict", arguments=ARGUMENTS, input=form)
    assert call_statement(function, TARGET, [19, "it's"]) == (
        f'SELECT "LOCAL"."PUBLIC"."PREDICT"({arguments}) AS "RESULT"'
    )


@pytest.mark.parametrize(
    ("value", "type_name", "sql"),
    [
        (None, "FLOAT", "CAST(NULL AS FLOAT)"),
        (True, "BOOLEAN", "CAST(TRUE AS BOOLEAN)"),
        (1.5, "FLOAT", "CAST(1.5 AS FLOAT)"),
        ("2026-01-31", "DATE", "CAST('2026-01-31' AS DATE)"),
        ([1, "a"], "ARRAY", "CAST(PARSE_JSON('[1, \"a\"]') AS ARRAY)"),
        ({"a": None}, "VARIANT", "CAST(PARSE_JSON('{\"a\": null}') AS VARIANT)"),
    ],
)
def test_constants(value: Json, type_name: str, sql: str) -> None:
    function = FunctionConfig(name="f", arguments=(Argument(name="A", type=type_name),))
    assert sql in call_statement(function, TARGET, [value])


def test_a_call_may_end_before_defaults() -> None:
    function = FunctionConfig(name="f", arguments=ARGUMENTS)
    assert call_statement(function, TARGET, [19]) == 'SELECT "LOCAL"."PUBLIC"."F"(CAST(19 AS NUMBER(3,0))) AS "RESULT"'


def test_a_whole_table_in_one_statement() -> None:
    arguments = (*ARGUMENTS, Argument(name="V", type="VARIANT"))
    function = FunctionConfig(name="f", arguments=arguments, input=InputForm.OBJECT, returns="OBJECT")
    assert table_statement(function, TARGET, [[19, "it's", [1]], [None, None, None], [1.5, "1", 'a "b"']]) == (
        'SELECT COLUMN1 AS "NUMBER", "LOCAL"."PUBLIC"."F"(OBJECT_CONSTRUCT_KEEP_NULL('
        "'AGE', CAST(COLUMN2 AS NUMBER(3,0)), 'Ré''gion', CAST(COLUMN3 AS VARCHAR), "
        "'V', CAST(PARSE_JSON(COLUMN4) AS VARIANT))) AS \"RESULT\" FROM VALUES\n"
        "(0, '19', 'it''s', '[1]'),\n"
        "(1, NULL, NULL, NULL),\n"
        "(2, '1.5', '1', '\"a \\\\\"b\\\\\"\"')"
    )


@pytest.mark.parametrize(
    ("expect", "tolerance", "actual", "passed"),
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
        (1.5, 0, Decimal("1.5"), True),
        ({"a": 0.5}, 0.01, '{"a": 0.501}', True),
        ({"a": 0.5}, 0.01, '{"b": 0.5}', False),
        ([1, 2], 0, "[1, 2]", True),
        ([1, 2], 0, "[1]", False),
        ([1, 2], 0, "not json", False),
    ],
)
def test_judge(expect: Json, tolerance: float, actual: object, passed: bool) -> None:
    assert judge(FunctionTest(arguments=(), expect=expect, tolerance=tolerance), actual)[0] is passed


@pytest.mark.parametrize(
    ("tolerance", "absolute", "passed"), [(0.1, 0, True), (0, 10, True), (0.01, 5, False), (0.01, 12, True)]
)
def test_the_wider_tolerance_holds(tolerance: float, absolute: float, passed: bool) -> None:
    test = FunctionTest(arguments=(), expect=100, tolerance=tolerance, absolute_tolerance=absolute)
    assert judge(test, 110) == (passed, 110)


@pytest.mark.parametrize(
    ("label", "least", "actual", "passed"),
    [
        ("yes", None, "yes", True),
        ("yes", None, "no", False),
        (1, None, 1, True),
        (1, None, "1", True),
        (True, None, True, True),
        (True, None, 1, False),
        ("yes", None, '{"no": 0.4, "yes": 0.6}', True),
        ("yes", 0.6, '{"no": 0.4, "yes": 0.6}', True),
        ("yes", 0.7, '{"no": 0.4, "yes": 0.6}', False),
        (2, 0.5, '{"1": 0.4, "2": 0.6}', True),
        # A threshold may make the less probable class the predicted one.
        ("no", 0.4, '{"prediction": "no", "probabilities": {"no": 0.4, "yes": 0.6}}', True),
        ("yes", None, '{"prediction": "no", "probabilities": {"no": 0.4, "yes": 0.6}}', False),
        ("yes", 0.1, "yes", False),
        ("yes", None, None, False),
    ],
)
def test_classes(label: Json, least: float | None, actual: object, passed: bool) -> None:
    test = FunctionTest(arguments=(), compares=False, label=label, min_probability=least)
    assert judge(test, actual)[0] is passed


def test_where_nothing_is_expected_any_result_will_do() -> None:
    test = FunctionTest(arguments=(), compares=False)
    assert judge(test, '{"a": 1}') == (True, {"a": 1})
    assert judge(test, "17") == (True, "17")


def test_what_a_test_asks_for() -> None:
    assert expectation(FunctionTest(arguments=(), expect=1, label="a")) == 1
    assert expectation(FunctionTest(arguments=(), compares=False, label="a")) == {"class": "a"}
    assert expectation(FunctionTest(arguments=(), compares=False, label="a", min_probability=0.5)) == {
        "class": "a",
        "min-probability": 0.5,
    }


@pytest.mark.parametrize(
    ("returns", "value", "expected"),
    [
        ("VARIANT", '"yes"', "yes"),
        ("VARIANT", "1", 1),
        ("VARIANT", '{"a": 1}', {"a": 1}),
        ("VARIANT", "null", None),
        ("VARIANT", None, None),
        ("VARCHAR", "1", "1"),
        ("FLOAT", 1.5, 1.5),
    ],
)
def test_what_is_in_a_variant(returns: str, value: object, expected: Json) -> None:
    found = result(FunctionConfig(name="f", returns=returns), value)
    assert found == expected
    assert judge(FunctionTest(arguments=(), expect=expected), found) == (True, expected)


def test_results_become_json() -> None:
    assert to_json(Decimal(3)) == 3
    assert to_json(Decimal("3.25")) == 3.25
    assert to_json("[1]") == "[1]"
    assert to_json(b"\x01") == "b'\\x01'"


def test_a_call_that_failed_says_so_alone() -> None:
    verdict = Verdict(function="f", number=1, passed=False, expected=None, actual=2)
    assert verdict.complaint == "expected null, got 2"
    assert replace(verdict, actual="hübsch").complaint == 'expected null, got "hübsch"'
    assert replace(verdict, actual=None, error="no such function").complaint == "no such function"
