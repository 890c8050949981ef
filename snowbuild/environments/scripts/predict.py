"""Asks a predictor of AutoGluon about a table, as it would be asked without Snowflake.

Run as `python predict.py REQUEST OUTPUT`, where REQUEST is a JSON file with `model` (a folder), `table` (a CSV or
Parquet file), `columns` (what to send through SQL, in order, and whether it is text there) and `output` (prediction,
probabilities or both). OUTPUT gets `rows`, the values of those columns as JSON has them, and `answers`, one per row; or
`missing`, columns that the table lacks; or `problem`, why the table cannot be used.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main(request: str, output: str) -> None:
    """Read the request, predict, and write both sides."""
    found = asked(**json.loads(Path(request).read_text(encoding="utf-8")))
    Path(output).write_text(json.dumps(found), encoding="utf-8")


def asked(model: str, table: str, columns: dict[str, bool], output: str) -> dict[str, Any]:
    """Both sides, or what keeps them from being told."""
    from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]  # only where predictors are

    predictor = TabularPredictor.load(model, verbosity=0)
    try:
        frame = read(table, [name for name, text in columns.items() if text])
    except (OSError, ValueError) as exc:
        return {"problem": f"cannot be read: {exc}"}
    missing = [name for name in columns if name not in frame.columns]
    result: dict[str, Any] = {"problem": None, "missing": missing, "known": [str(name) for name in frame.columns]}
    if missing:
        return result
    result["rows"] = [[plain(value) for value in row] for row in frame[list(columns)].itertuples(index=False)]
    try:
        result["answers"] = answers(predictor, frame, output)
    except (TypeError, ValueError, LookupError) as exc:
        return {"problem": f"the model cannot predict it: {exc}"}
    return result


def read(table: str, text: list[str]) -> Any:
    """A table; in a CSV file, where nothing else says so, the columns of text are told apart from numbers."""
    import pandas as pd  # type: ignore[import-untyped]  # only where predictors are

    if table.lower().endswith((".parquet", ".pq")):
        return pd.read_parquet(table)
    return pd.read_csv(table, dtype=dict.fromkeys(text, str))


def answers(predictor: Any, frame: Any, output: str) -> list[Any]:
    """What the predictor says, in the form that its function has."""
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
    main(*sys.argv[1:])
