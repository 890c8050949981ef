"""`snowbuild call` and `snowbuild test`: deployed functions, through SQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from snowbuild.cli import console
from snowbuild.cli.options import common, formatted, on_target
from snowbuild.cli.rows import run_rows
from snowbuild.cli.text import counted
from snowbuild.cli.workspace import choose_target, open_target
from snowbuild.config import load
from snowbuild.errors import ConfigError, SnowbuildError
from snowbuild.rows import Verdict, call_statement, to_json

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.config.values import Config, FunctionConfig, Json


@click.command("call")
@common
@on_target
@click.argument("name")
@click.option("--row", required=True, metavar="JSON", help="The arguments: an array in order, or an object by name.")
def call_command(file: Path, target: str | None, name: str, row: str) -> None:
    """Call a deployed function with one row, and print what it gives."""
    config = load(file)
    chosen = choose_target(config, target)
    function = _function(config, name)
    statement = call_statement(function, chosen, _row(function, row))
    with open_target(config, chosen) as opened:
        result = opened.rows(statement)[0]["RESULT"]
    console.result(result if isinstance(result, str) else json.dumps(to_json(result)))


@click.command("test")
@common
@on_target
@formatted("text", "json")
@click.argument("names", nargs=-1)
def test_command(file: Path, target: str | None, output: str, names: tuple[str, ...]) -> int:
    """Run the rows of snowbuild.toml through the deployed functions."""
    config = load(file)
    chosen = choose_target(config, target)
    functions = [_function(config, n) for n in names] if names else list(config.functions)
    if not any(f.tests for f in functions):
        raise SnowbuildError("no rows to test", where="functions.*.tests", hint="add [[functions.NAME.tests]]")
    with open_target(config, chosen) as opened:
        verdicts = [verdict for f in functions for verdict in run_rows(opened, chosen, f)]
    if output == "json":
        console.result_json(_report(chosen.name, verdicts))
    else:
        for verdict in verdicts:
            console.result(_line(verdict))
        failed = sum(not v.passed for v in verdicts)
        console.result(f"{len(verdicts) - failed} passed, {failed} failed on {chosen.name}.")
    return 0 if all(v.passed for v in verdicts) else 1


def _function(config: Config, name: str) -> FunctionConfig:
    try:
        return config.function(name)
    except KeyError:
        known = ", ".join(f.name for f in config.functions) or "none"
        raise ConfigError(f"no such function: {name}", hint=f"known functions: {known}") from None


def _row(function: FunctionConfig, text: str) -> list[Json]:
    names = [a.name for a in function.arguments]
    try:
        row = json.loads(text)
    except json.JSONDecodeError as exc:
        raise SnowbuildError(f"not JSON: {exc}", where="--row", hint="for instance --row '[1, \"a\"]'") from exc
    if isinstance(row, dict):
        if unknown := sorted(set(row) ^ set(names)):
            raise SnowbuildError(f"missing or unknown: {', '.join(unknown)}", where="--row", hint=f"it takes {names}")
        row = [row[name] for name in names]
    if not isinstance(row, list) or len(row) != len(names):
        raise SnowbuildError(
            f"{function.name} takes {counted(len(names), 'argument')}", where="--row", hint=", ".join(names)
        )
    return row


def _line(verdict: Verdict) -> str:
    where = f"{verdict.function} row {verdict.number}"
    if verdict.passed:
        return f"{console.paint('passed', fg='green')}  {where}"
    found = f"error: {verdict.error}" if verdict.error else f"got {json.dumps(verdict.actual)}"
    return f"{console.paint('failed', fg='red')}  {where}: expected {json.dumps(verdict.expected)}, {found}"


def _report(target: str, verdicts: list[Verdict]) -> dict[str, Any]:
    return {
        "schema": "snowbuild.test/1",
        "target": target,
        "rows": [
            {
                "function": v.function,
                "row": v.number,
                "passed": v.passed,
                "expected": v.expected,
                "actual": v.actual,
                "error": v.error,
            }
            for v in verdicts
        ],
    }
