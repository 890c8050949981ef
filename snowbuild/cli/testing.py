"""`snowbuild test`: deployed functions against the rows of snowbuild.toml, or against their model on a whole table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from snowbuild.calls.answers import Verdict, json_text, predicted
from snowbuild.cli import console
from snowbuild.cli.call import function_named
from snowbuild.cli.files import write_file
from snowbuild.cli.options import common, formatted, on_target
from snowbuild.cli.rows import run_tests
from snowbuild.cli.table import compare_table, report_table
from snowbuild.cli.workspace import choose_target, open_target
from snowbuild.config import load
from snowbuild.config.load import load_text, read_text
from snowbuild.edit.expectations import record
from snowbuild.errors import SnowbuildError

if TYPE_CHECKING:
    from snowbuild.config.values import Config, Json

CLOSE = 1e-6
"""Relative: what a number may differ by on its way through SQL, unless --tolerance says otherwise."""


@click.command("test")
@common
@on_target
@formatted("text", "json")
@click.option("--record", "records", is_flag=True, help="Write what the functions give now as expectations.")
@click.option(
    "--rows", "table", metavar="FILE", type=click.Path(path_type=Path),
    help="Compare a CSV or Parquet table with the model, called directly.",
)  # fmt: skip
@click.option(
    "--tolerance", type=click.FloatRange(min=0), default=CLOSE, show_default=True, help="Relative; for --rows."
)
@click.argument("names", nargs=-1)
def test_command(
    file: Path, target: str | None, output: str, records: bool, table: Path | None, tolerance: float,
    names: tuple[str, ...],
) -> int:  # fmt: skip
    """Run rows through the deployed functions, and check.

    Those of snowbuild.toml by default. A function whose answers differ from what is expected fails.
    """
    config = load(file)
    chosen = choose_target(config, target)
    functions = [function_named(config, n) for n in names] if names else list(config.functions)
    if table is not None:
        if len(functions) != 1 or records:
            raise SnowbuildError(
                "a table is for one function, and nothing is recorded from it",
                where="--rows",
                hint="snowbuild test NAME --rows FILE",
            )
        comparison = compare_table(config, functions[0], chosen, table, tolerance)
        report_table(comparison, chosen.name, output)
        return 0 if comparison.agrees else 1
    if not any(f.tests for f in functions):
        raise SnowbuildError("no rows to test", where="functions.*.tests", hint="add [[functions.NAME.tests]]")
    with open_target(config, chosen) as opened:
        verdicts = [verdict for f in functions for verdict in run_tests(opened, chosen, f)]
    recorded = _record(config, verdicts) if records else frozenset()
    wrong = [v for v in verdicts if not v.passed and (v.function, v.number) not in recorded]
    if output == "json":
        console.result_json(_report(chosen.name, verdicts))
    else:
        for verdict in verdicts:
            console.result(_line(verdict, recorded=(verdict.function, verdict.number) in recorded))
        written = f"{len(recorded)} recorded, " if records else ""
        passed = len(verdicts) - len(wrong) - len(recorded)
        console.result(f"{passed} passed, {written}{len(wrong)} failed on {chosen.name}.")
    return 1 if wrong else 0


def _record(config: Config, verdicts: list[Verdict]) -> frozenset[tuple[str, int]]:
    """Write the results of rows that do not expect them yet; gives their functions and numbers."""
    tests = {f.name: f.tests for f in config.functions}
    results: dict[tuple[str, int], Json] = {}
    for verdict in verdicts:
        test = tests[verdict.function][verdict.number - 1]
        checks_class = test.label is not None and not test.compares
        if verdict.error is None and (not verdict.passed or not (test.compares or checks_class)):
            results[verdict.function, verdict.number - 1] = (
                predicted(verdict.actual) if checks_class else verdict.actual
            )
    text = read_text(config.path)
    edited = record(text, results)
    if edited != text:
        # What the loader would refuse must not be written.
        load_text(edited, config.path)
        write_file(config.path, edited)
    return frozenset((name, index + 1) for name, index in results)


def _line(verdict: Verdict, *, recorded: bool) -> str:
    where = f"{verdict.function} row {verdict.number}"
    if recorded:
        return f"{console.paint('recorded', fg='yellow')}  {where}: {json_text(verdict.actual)}"
    if verdict.passed:
        return f"{console.paint('passed', fg='green')}  {where}"
    return f"{console.paint('failed', fg='red')}  {where}: {verdict.complaint}"


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
