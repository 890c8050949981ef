"""The SQL of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.calls.statement import call_statement, table_statement
from snowbuild.config import Argument, FunctionConfig, InputForm, TargetConfig

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
