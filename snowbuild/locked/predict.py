"""Asks a predictor of AutoGluon about a table, as it would be asked without Snowflake.

Run as `python predict.py REQUEST OUTPUT`, where REQUEST is a JSON file with `model` (a folder), `table` (a CSV or
Parquet file), `columns` (what to send through SQL, in order) and `output` (prediction, probabilities or both). OUTPUT
gets `rows`, the values of those columns as JSON has them, and `answers`, one per row; or `missing`, columns that the
table lacks.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Read the request, predict, and write both sides."""
    request = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    import pandas as pd  # type: ignore[import-untyped]  # only where predictors are

    table = request["table"]
    frame = pd.read_parquet(table) if table.lower().endswith((".parquet", ".pq")) else pd.read_csv(table)
    missing = [name for name in request["columns"] if name not in frame.columns]
    result: dict[str, Any] = {"missing": missing, "known": [str(name) for name in frame.columns]}
    if not missing:
        result["rows"] = [[plain(value) for value in row] for row in frame[request["columns"]].itertuples(index=False)]
        result["answers"] = answers(request["model"], frame, request["output"])
    Path(sys.argv[2]).write_text(json.dumps(result), encoding="utf-8")


def answers(model: str, frame: Any, output: str) -> list[Any]:
    """What the predictor says, in the form that its function has."""
    from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]  # only where predictors are

    predictor = TabularPredictor.load(model, verbosity=0)
    predictions = predictor.predict(frame)
    if predictor.problem_type == "quantile":
        # The prediction is the level nearest to the median, as in the functions.
        table = predictions
        predictions = table[min(predictor.quantile_levels, key=lambda level: abs(level - 0.5))]
    elif output != "prediction":
        table = predictor.predict_proba(frame)
    first = [plain(value) for value in predictions.tolist()]
    if output == "prediction":
        return first
    names = [str(name) for name in table.columns]
    rows = [dict(zip(names, map(plain, row), strict=True)) for row in table.to_numpy("float64").tolist()]
    if output == "probabilities":
        return rows
    return [{"prediction": one, "probabilities": row} for one, row in zip(first, rows, strict=True)]


def plain(value: Any) -> Any:
    """A value of pandas as JSON has it; whatever is missing is null."""
    import pandas as pd

    if isinstance(value, (list, dict)):
        return value
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if value is None or pd.isna(value):
        return None
    if isinstance(value, (bool, int, float, str)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


if __name__ == "__main__":
    main()
