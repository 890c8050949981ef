"""Sends rows through deployed functions, over a small port to Snowflake, and collects the answers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from snowbuild.calls.answers import decode
from snowbuild.calls.statement import call_statement, describe_statement, table_statement
from snowbuild.calls.verdicts import Verdict
from snowbuild.errors import SqlError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snowbuild.calls.answers import Answer
    from snowbuild.config.values import FunctionConfig, Json, TargetConfig

ROWS_AT_ONCE = 1000
VALUES_AT_ONCE = 20_000
"""In one statement: its text must stay well below a megabyte, and VALUES takes at most 16,384 rows."""


class Queries(Protocol):
    """The part of an open target that calls need."""

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """The rows of a query, by column; raises `SqlError` if Snowflake refuses it."""


def call_row(
    opened: Queries, target: TargetConfig, function: FunctionConfig, row: Sequence[Json], *, name: str | None = None
) -> Answer:
    """A function's answer to one row; `name` calls it under another name.

    Raises:
        SqlError: the function does not exist, or raised an error.
    """
    with _saying_how_to_deploy("Unknown user-defined function"):
        found = opened.rows(call_statement(function, target, row, name=name))[0]["RESULT"]
    return decode(found, function.returns)


def require_deployed(opened: Queries, target: TargetConfig, function: FunctionConfig) -> None:
    """Check that a function exists, without calling it.

    Raises:
        SqlError: it does not, or this role may not see it.
    """
    with _saying_how_to_deploy("does not exist or not authorized"):
        opened.rows(describe_statement(function, target))


def call_table(
    opened: Queries, target: TargetConfig, function: FunctionConfig, rows: Sequence[Sequence[Json]]
) -> list[Answer]:
    """A function's answers to many rows, in order.

    Raises:
        SqlError: the function raised an error, or a value does not fit its argument; says in which rows.
    """
    answers: list[Answer] = []
    size = max(1, min(ROWS_AT_ONCE, VALUES_AT_ONCE // max(len(function.arguments), 1)))
    for start in range(0, len(rows), size):
        piece = rows[start : start + size]
        try:
            found = opened.rows(table_statement(function, target, piece))
        except SqlError as exc:
            raise SqlError(f"rows {start + 1} to {start + len(piece)}: {exc}") from exc
        # A query's rows have no order.
        by_number = {int(r["NUMBER"]): decode(r["RESULT"], function.returns) for r in found}
        answers += [by_number[number] for number in range(len(piece))]
    return answers


def run_tests(
    opened: Queries, target: TargetConfig, function: FunctionConfig, *, name: str | None = None
) -> list[Verdict]:
    """A verdict on each row of a function's tests; `name` calls it under another name."""
    verdicts = []
    for number, test in enumerate(function.tests, 1):
        verdict = Verdict(function=function.name, number=number, test=test)
        try:
            verdict = replace(verdict, answer=call_row(opened, target, function, test.arguments, name=name))
        except SqlError as exc:
            # After a row that fails, the others are still tried.
            verdict = replace(verdict, error=str(exc))
        verdicts.append(verdict)
    return verdicts


@contextmanager
def _saying_how_to_deploy(words: str) -> Iterator[None]:
    """Add what to type next to an error with these words."""
    try:
        yield
    except SqlError as exc:
        if words not in str(exc):
            raise
        hint = "run `snowbuild apply` to deploy what is in snowbuild.toml"
        raise SqlError.of(replace(problem, hint=hint) for problem in exc.problems) from exc
