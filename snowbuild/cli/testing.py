"""`snowbuild test`: deployed functions compared with the rows of snowbuild.toml, or with their model on a table."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from snowbuild.calls.answers import json_text, standard
from snowbuild.calls.calling import run_tests
from snowbuild.calls.verdicts import Verdict, corrected, corrections, expectation, failures, without_traceback
from snowbuild.cli import console
from snowbuild.cli.call import function_named
from snowbuild.cli.files import rewrite
from snowbuild.cli.options import common, formatted, on_target
from snowbuild.cli.table import compare_table, report_table
from snowbuild.cli.workspace import choose_target, open_target
from snowbuild.config import load
from snowbuild.config.load import load_text, read_text
from snowbuild.edit.expectations import record, unwritable
from snowbuild.errors import SnowbuildError

if TYPE_CHECKING:
    from snowbuild.config.values import Config, FunctionConfig, Json, TargetConfig

CLOSE = 1e-6
"""Relative: how much a number may change on its way through SQL, unless --tolerance says otherwise."""


class Status(StrEnum):
    """The result for a row."""

    PASSED = "passed"
    RECORDED = "recorded"
    """It did not pass, but does with what is written now."""
    FAILED = "failed"


COLORS = {Status.PASSED: "green", Status.RECORDED: "yellow", Status.FAILED: "red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A row and its result."""

    verdict: Verdict
    status: Status
    problem: str | None = None
    """Why it failed."""


def _tolerance(_context: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    # Click's own ranges accept nan, which is not below anything.
    if value is not None and not 0 <= value < math.inf:
        raise click.BadParameter("expected a finite number that is not negative")
    return value


@click.command("test")
@common
@on_target
@formatted("text", "json")
@click.option("--record", "records", is_flag=True, help="Write what the functions return now as expectations.")
@click.option(
    "--rows", "table", metavar="FILE", type=click.Path(path_type=Path),
    help="Compare a CSV or Parquet table with the model, called directly.",
)  # fmt: skip
@click.option(
    "--tolerance", type=float, callback=_tolerance, help=f"Relative; for --rows.  [default: {CLOSE:g}]",
)  # fmt: skip
@click.argument("names", nargs=-1)
def test_command(
    file: Path, target: str | None, output: str, records: bool, table: Path | None, tolerance: float | None,
    names: tuple[str, ...],
) -> int:  # fmt: skip
    """Run the test rows through the deployed functions.

    The rows are those of snowbuild.toml by default. An answer that differs from what is expected fails.
    """
    config = load(file)
    chosen = choose_target(config, target)
    functions = [function_named(config, n) for n in dict.fromkeys(names)] if names else list(config.functions)
    if table is not None:
        function = _only(functions, records=records)
        return _test_table(config, function, chosen, table, CLOSE if tolerance is None else tolerance, output)
    if tolerance is not None:
        raise SnowbuildError(
            "is only for --rows", where="--tolerance", hint="rows of snowbuild.toml have the key tolerance"
        )
    if not any(f.tests for f in functions):
        raise SnowbuildError("no rows to test", where="functions.*.tests", hint="add [[functions.NAME.tests]]")
    with open_target(config, chosen) as opened:
        verdicts = [verdict for f in functions for verdict in run_tests(opened, chosen, f)]
    outcomes = _record(config, verdicts) if records else [_judged(verdict) for verdict in verdicts]
    counts = Counter(outcome.status for outcome in outcomes)
    if output == "json":
        console.result_json(_report(chosen.name, outcomes, counts))
    else:
        for outcome in outcomes:
            console.result(_line(outcome))
        kinds = [status for status in Status if records or status is not Status.RECORDED]
        console.result(f"{', '.join(f'{counts[kind]} {kind}' for kind in kinds)} on {chosen.name}.")
    return 1 if counts[Status.FAILED] else 0


def _only(functions: list[FunctionConfig], *, records: bool) -> FunctionConfig:
    """The one function that a table is for."""
    hint = "snowbuild test NAME --rows FILE"
    if records:
        raise SnowbuildError("nothing is recorded from a table", where="--rows", hint=hint)
    if len(functions) != 1:
        raise SnowbuildError("a table is for one function", where="--rows", hint=hint)
    return functions[0]


def _test_table(
    config: Config, function: FunctionConfig, target: TargetConfig, table: Path, tolerance: float, output: str
) -> int:
    comparison = compare_table(config, function, target, table, tolerance)
    report_table(
        comparison, function=function.name, target=target.name, table=table, tolerance=tolerance, output=output
    )
    return 0 if comparison.agrees else 1


def _judged(verdict: Verdict) -> Outcome:
    if verdict.passed:
        return Outcome(verdict=verdict, status=Status.PASSED)
    return Outcome(verdict=verdict, status=Status.FAILED, problem=verdict.complaint)


def _record(config: Config, verdicts: list[Verdict]) -> list[Outcome]:
    """Write the expectations with which rows pass; a row that would fail all the same stays as it is."""
    outcomes: list[Outcome] = []
    changes: dict[tuple[str, int], dict[str, Json]] = {}
    for verdict in verdicts:
        wanted = {} if verdict.error is not None else corrections(verdict.test, verdict.answer)
        if verdict.error is not None or (verdict.passed and not wanted):
            outcomes.append(_judged(verdict))
            continue
        reasons = [
            *map(unwritable, wanted.values()),
            *failures(corrected(verdict.test, wanted), verdict.answer).values(),
        ]
        if problem := "; ".join(filter(None, reasons)):
            outcomes.append(Outcome(verdict=verdict, status=Status.FAILED, problem=f"cannot be recorded: {problem}"))
            continue
        outcomes.append(Outcome(verdict=verdict, status=Status.RECORDED))
        changes[verdict.function, verdict.number - 1] = {check.value: value for check, value in wanted.items()}
    text = read_text(config.path)
    edited = record(text, changes)
    if edited != text:
        # What the loader would refuse must not be written.
        load_text(edited, config.path)
        rewrite(config.path, edited)
    return outcomes


def _line(outcome: Outcome) -> str:
    verdict = outcome.verdict
    start = f"{console.paint(outcome.status, fg=COLORS[outcome.status])}  {verdict.function} row {verdict.number}"
    match outcome.status:
        case Status.PASSED:
            return start
        case Status.RECORDED:
            return f"{start}: {json_text(verdict.answer)}"
    problem = outcome.problem or ""
    return f"{start}: {problem if console.is_verbose() else without_traceback(problem)}"


def _report(target: str, outcomes: list[Outcome], counts: Counter[Status]) -> dict[str, Any]:
    """Schema `snowbuild.test/1`."""
    return {
        "schema": "snowbuild.test/1",
        "target": target,
        "rows": [
            {
                "function": outcome.verdict.function,
                "row": outcome.verdict.number,
                "status": outcome.status.value,
                "expected": expectation(outcome.verdict.test),
                "actual": standard(outcome.verdict.answer),
                "failed": [check.value for check in outcome.verdict.failures],
                "problem": outcome.problem,
            }
            for outcome in outcomes
        ],
        "summary": {status.value: counts[status] for status in Status},
    }
