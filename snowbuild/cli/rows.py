"""The rows of snowbuild.toml, run through functions of an open target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.errors import SqlError
from snowbuild.rows import Verdict, call_statement, expectation, judge, result

if TYPE_CHECKING:
    from snowbuild.config.values import FunctionConfig, TargetConfig
    from snowbuild.snowflake.target import SnowflakeTarget


def run_rows(
    opened: SnowflakeTarget, target: TargetConfig, function: FunctionConfig, *, name: str | None = None
) -> list[Verdict]:
    """A verdict for each row of a function's tests; `name` calls it under another one."""
    verdicts = []
    for number, test in enumerate(function.tests, 1):
        expected = expectation(test)
        try:
            actual = opened.rows(call_statement(function, target, test.arguments, name=name))[0]["RESULT"]
        except SqlError as exc:
            # One row that fails does not keep the others from being tried.
            verdict = Verdict(
                function=function.name, number=number, passed=False, expected=expected, actual=None, error=str(exc)
            )
        else:
            passed, plain = judge(test, result(function, actual))
            verdict = Verdict(function=function.name, number=number, passed=passed, expected=expected, actual=plain)
        verdicts.append(verdict)
    return verdicts
