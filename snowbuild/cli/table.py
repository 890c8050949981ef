"""A whole table through a deployed function, compared with its model's answers without Snowflake."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snowbuild.calls.answers import as_returned, json_text, rounding, standard
from snowbuild.calls.calling import call_table, require_deployed
from snowbuild.calls.compare import Comparison, compare
from snowbuild.cli import console
from snowbuild.cli.workspace import locked_environment, open_target, read_locked
from snowbuild.config import Framework
from snowbuild.environments.script import run_script
from snowbuild.environments.scripts import PREDICT
from snowbuild.errors import ModelError, SnowbuildError, SqlError
from snowbuild.models import inspect, missing_model
from snowbuild.render.context import features
from snowbuild.sql import SqlType
from snowbuild.wording import counted

if TYPE_CHECKING:
    from snowbuild.config.values import Config, FunctionConfig, Json, TargetConfig

FORMATS = (".csv", ".parquet", ".pq")

SHOWN = 5
"""How many mismatching rows are shown."""


def compare_table(
    config: Config, function: FunctionConfig, target: TargetConfig, table: Path, tolerance: float
) -> Comparison:
    """Send every row of a CSV or Parquet file through SQL, and let the model itself predict the same rows.

    Raises:
        SnowbuildError: there is no such table, a column is missing, or the function has no AutoGluon predictor or is
            not deployed.
    """
    if table.suffix.lower() not in FORMATS:
        raise SnowbuildError(f"expected a table in {' or '.join(FORMATS[:2])}: {table}", where="--rows")
    if not table.is_file():
        problem = "a folder, not a file" if table.is_dir() else "no such file"
        raise SnowbuildError(f"{problem}: {table}", where="--rows")
    predictor = _predictor(config, function)
    with open_target(config, target) as opened:
        # Checked first, because the model takes its time.
        require_deployed(opened, target, function)
        rows, direct = _direct(config, function, predictor, table.absolute())
        try:
            actual = call_table(opened, target, function, rows)
        except SqlError as exc:
            raise SnowbuildError(f"{table.name}, {exc}", where="--rows") from exc
    expected = [as_returned(answer, function.returns) for answer in direct]
    return compare(expected, actual, tolerance, rounded=rounding(function.returns))


def report_table(
    comparison: Comparison, *, function: str, target: str, table: Path, tolerance: float, output: str
) -> None:
    """Print a comparison; as JSON in the schema `snowbuild.test-table/1`."""
    wrong = comparison.mismatches
    if output == "json":
        console.result_json(
            {
                "schema": "snowbuild.test-table/1",
                "target": target,
                "function": function,
                "table": str(table),
                "tolerance": tolerance,
                "rows": comparison.rows,
                "largest-difference": comparison.largest,
                "mean-difference": comparison.mean,
                "mismatches": [
                    {"row": m.row, "expected": standard(m.expected), "actual": standard(m.actual)} for m in wrong
                ],
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


def _direct(
    config: Config, function: FunctionConfig, predictor: Path, table: Path
) -> tuple[list[list[Json]], list[Json]]:
    """The rows as the function gets them, and its model's answers to them."""
    environment = locked_environment(config)
    models = read_locked(config).lock.models
    model = next((m for m in models if m.name == function.model), None)
    columns = {
        feature.name: {"type": SqlType.parse(feature.type).name, "kind": feature.kind}
        for feature in features(function, model)
    }
    plain = {"model": str(predictor), "table": str(table), "columns": columns, "output": function.output.value}
    with tempfile.TemporaryDirectory(prefix="snowbuild-") as folder:
        request = Path(folder, "request.json")
        request.write_text(json.dumps(plain), encoding="utf-8")
        arguments = [str(request), "{}"]
        found: dict[str, Any] = run_script(PREDICT, environment, arguments, where=f"functions.{function.name}")
    if found["problem"]:
        raise SnowbuildError(f"{table.name}: {found['problem']}", where="--rows", hint=found["hint"])
    if found["missing"]:
        raise SnowbuildError(
            f"no column {' and no column '.join(found['missing'])} in {table.name}",
            where="--rows",
            hint=f"it has {', '.join(found['known'])}",
        )
    if not found["rows"]:
        raise SnowbuildError(f"no rows in {table.name}", where="--rows")
    return found["rows"], found["answers"]


def _predictor(config: Config, function: FunctionConfig) -> Path:
    """The folder of a function's predictor."""
    model = None if function.model is None else config.model(function.model)
    if model is None or function.handler is not None:
        raise SnowbuildError(
            "it has no model that can be called directly",
            where=f"functions.{function.name}",
            hint="--rows is for AutoGluon's templates",
        )
    source = config.root / model.path
    if not source.exists():
        raise missing_model(model, config.root)
    if inspect(source, model.framework, label=model.path).framework is not Framework.AUTOGLUON:
        raise ModelError("not an AutoGluon predictor", where=f"models.{model.name}")
    return source
