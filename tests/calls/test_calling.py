"""Calls over the port to Snowflake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snowbuild.calls.calling import call_row, call_table, require_deployed, run_tests
from snowbuild.config import Argument, FunctionConfig, FunctionTest, InputForm, TargetConfig
from snowbuild.errors import SqlError

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = TargetConfig(name="local", database="local", schema="public", stage="s")
FUNCTION = FunctionConfig(
    name="f",
    arguments=(Argument(name="A", type="NUMBER(3,0)"),),
    returns="FLOAT",
    tests=(FunctionTest(arguments=(1,), expect=2.0), FunctionTest(arguments=(2,), expect=2.0)),
)
DEPLOY = "hint: run `snowbuild apply` to deploy what is in snowbuild.toml"


class Answering:
    """Answers every statement by a function, and remembers them."""

    def __init__(self, answer: Callable[[str], list[dict[str, Any]]]) -> None:
        self._answer = answer
        self.statements: list[str] = []

    def rows(self, statement: str) -> list[dict[str, Any]]:
        self.statements.append(statement)
        return self._answer(statement)


def refusing(words: str) -> Answering:
    def refuse(statement: str) -> list[dict[str, Any]]:
        raise SqlError(words, where="target local")

    return Answering(refuse)


def test_a_row_is_called_and_judged_after_another_one_failed() -> None:
    def answer(statement: str) -> list[dict[str, Any]]:
        if "CAST(1 AS" in statement:
            raise SqlError("division by zero")
        return [{"RESULT": 2.5}]

    failed, judged = run_tests(Answering(answer), TARGET, FUNCTION, name="F__CANARY")
    assert (failed.number, failed.passed, failed.complaint) == (1, False, "division by zero")
    assert (judged.number, judged.passed, judged.complaint) == (2, False, "expected 2.0, got 2.5")


def test_a_function_that_is_not_there() -> None:
    missing = refusing("Unknown user-defined function LOCAL.PUBLIC.F.")
    with pytest.raises(SqlError) as error:
        call_row(missing, TARGET, FUNCTION, [1])
    assert str(error.value) == f"target local: Unknown user-defined function LOCAL.PUBLIC.F.\n{DEPLOY}"
    with pytest.raises(SqlError) as error:
        call_row(refusing("division by zero"), TARGET, FUNCTION, [1])
    assert str(error.value) == "target local: division by zero"


def test_whether_a_function_is_there_is_told_without_calling_it() -> None:
    there = Answering(lambda _: [])
    require_deployed(there, TARGET, FUNCTION)
    require_deployed(there, TARGET, FunctionConfig(name="Ré", arguments=FUNCTION.arguments, input=InputForm.OBJECT))
    assert there.statements == [
        'DESCRIBE FUNCTION "LOCAL"."PUBLIC"."F"(NUMBER)',
        'DESCRIBE FUNCTION "LOCAL"."PUBLIC"."Ré"(OBJECT)',
    ]
    with pytest.raises(SqlError) as error:
        require_deployed(refusing("Function 'F' does not exist or not authorized."), TARGET, FUNCTION)
    assert str(error.value) == f"target local: Function 'F' does not exist or not authorized.\n{DEPLOY}"
    with pytest.raises(SqlError) as error:
        require_deployed(refusing("no warehouse"), TARGET, FUNCTION)
    assert str(error.value) == "target local: no warehouse"


def test_a_table_goes_in_pieces_and_comes_back_in_order() -> None:
    def answer(statement: str) -> list[dict[str, Any]]:
        count = statement.count("\n(")
        return [{"NUMBER": number, "RESULT": float(number)} for number in reversed(range(count))]

    sent = Answering(answer)
    answers = call_table(sent, TARGET, FUNCTION, [[n] for n in range(1500)])
    assert answers == [*map(float, range(1000)), *map(float, range(500))]
    assert len(sent.statements) == 2


def test_a_table_that_fails_says_in_which_rows() -> None:
    with pytest.raises(SqlError) as error:
        call_table(refusing("Numeric value '1000' is out of range"), TARGET, FUNCTION, [[1000], [2]])
    assert str(error.value) == "rows 1 to 2: target local: Numeric value '1000' is out of range"
