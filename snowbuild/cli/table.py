"""A whole table through a deployed function, against its model as it answers without Snowflake."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snowbuild.calls.answers import as_returned, decode, json_text, rounding
from snowbuild.calls.compare import Comparison, compare
from snowbuild.calls.statement import table_statement
from snowbuild.cli import console
from snowbuild.cli.workspace import locked_environment, open_target
from snowbuild.config import Framework
from snowbuild.environments.script import run_script
from snowbuild.environments.scripts import PREDICT
from snowbuild.errors import ModelError, SnowbuildError, SqlError
from snowbuild.models import inspect, missing_model
from snowbuild.sql import SqlType
from snowbuild.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snowbuild.config.values import Config, FunctionConfig, Json, TargetConfig

FORMATS = (".csv", ".parquet", ".pq")

ROWS_AT_ONCE = 1000
VALUES_AT_ONCE = 20_000
"""Of one statement: its text must stay well below a megabyte, and VALUES takes at most 16,384 rows."""

SHOWN = 5
"""Mismatching rows that are shown."""


def compare_table(
    config: Config, function: FunctionConfig, target: TargetConfig, table: Path, tolerance: float
) -> Comparison:
    """Send every row of a CSV or Parquet file through SQL, and ask the model itself about the same rows.

    Raises:
        SnowbuildError: no such table, a column is missing, or the function has no predictor of AutoGluon.
    """
    if table.suffix.lower() not in FORMATS:
        raise SnowbuildError(f"expected a table in {' or '.join(FORMATS[:2])}: {table}", where="--rows")
    if not table.is_file():
        raise SnowbuildError(f"no such file: {table}", where="--rows")
    rows, direct = _direct(config, function, table.absolute())
    actual: list[Json] = []
    with open_target(config, target) as opened:
        for piece in _pieces(rows, len(function.arguments)):
            first, last = len(actual) + 1, len(actual) + len(piece)
            try:
                answers = opened.rows(table_statement(function, target, piece))
            except SqlError as exc:
                raise SnowbuildError(f"{table.name}, rows {first} to {last}: {exc}", where="--rows") from exc
            # Rows of a query have no order.
            found = {int(r["NUMBER"]): decode(r["RESULT"], function.returns) for r in answers}
            actual += [found[n] for n in range(len(piece))]
    expected = [as_returned(answer, function.returns) for answer in direct]
    return compare(expected, actual, tolerance, rounded=rounding(function.returns))


def report_table(comparison: Comparison, target: str, output: str) -> None:
    """Print a comparison."""
    wrong = comparison.mismatches
    if output == "json":
        console.result_json(
            {
                "schema": "snowbuild.test-table/1",
                "target": target,
                "rows": comparison.rows,
                "largest-difference": comparison.largest,
                "mean-difference": comparison.mean,
                "mismatches": [{"row": m.row, "expected": m.expected, "actual": m.actual} for m in wrong],
            }
        )
        return
    for one in wrong[:SHOWN]:
        failed = console.paint("differs", fg="red")
        console.result(f"{failed}  row {one.row}: expected {json_text(one.expected)}, got {json_text(one.actual)}")
    if len(wrong) > SHOWN:
        console.result(f"and {counted(len(wrong) - SHOWN, 'row')} more")
    console.result(
        f"{counted(comparison.rows, 'row')} on {target}, {len(wrong)} beyond the tolerance; "
        f"differences: {comparison.largest:.3g} at most, {comparison.mean:.3g} on average."
    )


def _direct(config: Config, function: FunctionConfig, table: Path) -> tuple[list[list[Json]], list[Json]]:
    """The rows as the function gets them, and what its model says about them."""
    predictor = _predictor(config, function)
    environment = locked_environment(config)
    columns = {argument.name: SqlType.parse(argument.type).name == "VARCHAR" for argument in function.arguments}
    plain = {"model": str(predictor), "table": str(table), "columns": columns, "output": function.output.value}
    with tempfile.TemporaryDirectory(prefix="snowbuild-") as folder:
        request = Path(folder, "request.json")
        request.write_text(json.dumps(plain), encoding="utf-8")
        arguments = [str(request), "{}"]
        found: dict[str, Any] = run_script(PREDICT, environment, arguments, where=f"functions.{function.name}")
    if found["problem"]:
        raise SnowbuildError(f"{table.name}: {found['problem']}", where="--rows")
    if found["missing"]:
        raise SnowbuildError(
            f"no column {', '.join(found['missing'])} in {table.name}",
            where="--rows",
            hint=f"it has {', '.join(found['known'])}",
        )
    if not found["rows"]:
        raise SnowbuildError(f"no rows in {table.name}", where="--rows")
    return found["rows"], found["answers"]


def _predictor(config: Config, function: FunctionConfig) -> Path:
    """The folder of the predictor that answers for a function."""
    model = None if function.model is None else config.model(function.model)
    if model is None or function.handler is not None:
        raise SnowbuildError(
            "no model answers for it directly",
            where=f"functions.{function.name}",
            hint="--rows is for AutoGluon's templates",
        )
    source = config.root / model.path
    if not source.exists():
        raise missing_model(model, config.root)
    if inspect(source, model.framework, label=model.path).framework is not Framework.AUTOGLUON:
        raise ModelError("not a predictor of AutoGluon", where=f"models.{model.name}")
    return source


def _pieces(rows: list[list[Json]], width: int) -> Iterator[Sequence[list[Json]]]:
    size = max(1, min(ROWS_AT_ONCE, VALUES_AT_ONCE // max(width, 1)))
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
