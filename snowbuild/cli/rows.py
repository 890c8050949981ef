"""The rows of snowbuild.toml, run through functions of an open target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from snowbuild.errors import SqlError
from snowbuild.rows import Verdict, call_statement, expectation, judge, result

if TYPE_CHECKING:
    from snowbuild.config.values import FunctionConfig, TargetConfig
    from snowbuild.snowflake.target import SnowflakeTarget


def answer(opened: SnowflakeTarget, statement: str) -> object:
    """What the one row of a call gives.

    Raises:
        SqlError: the function is not there, or raised.
    """
    try:
        return opened.rows(statement)[0]["RESULT"]
    except SqlError as exc:
        if "Unknown user-defined function" not in str(exc):
            raise
        hint = "`snowbuild apply` deploys what is in snowbuild.toml"
        raise SqlError.of(replace(problem, hint=hint) for problem in exc.problems) from exc


def run_rows(
    opened: SnowflakeTarget, target: TargetConfig, function: FunctionConfig, *, name: str | None = None
) -> list[Verdict]:
    """A verdict for each row of a function's tests; `name` calls it under another one."""
    verdicts = []
    for number, test in enumerate(function.tests, 1):
        error = None
        try:
            found = answer(opened, call_statement(function, target, test.arguments, name=name))
            passed, actual = judge(test, result(function, found))
        except SqlError as exc:
            # One row that fails does not keep the others from being tried.
            passed, actual, error = False, None, str(exc)
        verdicts.append(
            Verdict(
                function=function.name,
                number=number,
                passed=passed,
                expected=expectation(test),
                actual=actual,
                error=error,
            )
        )
    return verdicts
