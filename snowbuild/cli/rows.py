"""Rows through the functions of an open target, and what they gave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from snowbuild.calls.answers import Verdict, decode, expectation, judge
from snowbuild.calls.statement import call_statement
from snowbuild.errors import SqlError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snowbuild.config.values import FunctionConfig, Json, TargetConfig
    from snowbuild.snowflake.target import SnowflakeTarget


def call_row(
    opened: SnowflakeTarget,
    target: TargetConfig,
    function: FunctionConfig,
    row: Sequence[Json],
    *,
    name: str | None = None,
) -> Json:
    """A function's answer to one row; `name` calls it under another one.

    Raises:
        SqlError: the function is not there, or raised.
    """
    try:
        found = opened.rows(call_statement(function, target, row, name=name))[0]["RESULT"]
    except SqlError as exc:
        if "Unknown user-defined function" not in str(exc):
            raise
        hint = "`snowbuild apply` deploys what is in snowbuild.toml"
        raise SqlError.of(replace(problem, hint=hint) for problem in exc.problems) from exc
    return decode(found, function.returns)


def run_tests(
    opened: SnowflakeTarget, target: TargetConfig, function: FunctionConfig, *, name: str | None = None
) -> list[Verdict]:
    """A verdict for each row of a function's tests; `name` calls it under another one."""
    verdicts = []
    for number, test in enumerate(function.tests, 1):
        passed, answer, error = False, None, None
        try:
            answer = call_row(opened, target, function, test.arguments, name=name)
            passed = judge(test, answer)
        except SqlError as exc:
            # One row that fails does not keep the others from being tried.
            error = str(exc)
        verdicts.append(
            Verdict(
                function=function.name,
                number=number,
                passed=passed,
                expected=expectation(test),
                actual=answer,
                error=error,
            )
        )
    return verdicts
