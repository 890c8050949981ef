"""Lets an AutoGluon predictor predict a table, as it would without Snowflake.

Run as `python predict.py REQUEST OUTPUT`, where REQUEST is a JSON file with `model` (a folder), `table` (a CSV or
Parquet file), `columns` (the function's arguments in order, each with its `type` in SQL and the `kind` of its feature:
number, text, boolean, time, zoned or other) and `output` (prediction, probabilities or both). OUTPUT gets `rows`, the
values of those columns as JSON, and `answers`, one per row; or `missing`, the columns that the table lacks; or
`problem` and `hint`, which say why the table cannot be used.
"""

from __future__ import annotations

import decimal
import json
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

WITHOUT_ZONE = ("DATE", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ")


def main(request: str, output: str) -> None:
    """Read the request, predict, and write both sides."""
    found = asked(**json.loads(Path(request).read_text(encoding="utf-8")))
    Path(output).write_text(json.dumps(found), encoding="utf-8")


def asked(model: str, table: str, columns: dict[str, dict[str, str]], output: str) -> dict[str, Any]:
    """The rows and the answers, or why there are none."""
    from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]  # only where predictors are

    predictor = TabularPredictor.load(model, verbosity=0)
    try:
        frame = read(table, [name for name, column in columns.items() if column["type"] == "VARCHAR"])
    except ImportError:
        return problem("cannot be read without pyarrow", "add the requirement pyarrow, or use a CSV file")
    except (OSError, ValueError, ArithmeticError) as exc:
        return problem(f"cannot be read: {first_line(exc)}")
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        return {"problem": None, "missing": missing, "known": [str(name) for name in frame.columns]}
    sent = [[sendable(value, column["type"]) for value in frame[name]] for name, column in columns.items()]
    try:
        trained = {name: as_trained(name, frame[name], column["kind"]) for name, column in columns.items()}
        found = answers(predictor, type(frame)(trained), output)
    except (TypeError, ValueError, LookupError, ArithmeticError) as exc:
        return problem(f"the model cannot predict its rows: {first_line(exc)}")
    return {"problem": None, "missing": [], "rows": list(zip(*sent, strict=True)), "answers": found}


def problem(message: str, hint: str | None = None) -> dict[str, Any]:
    """Why the table cannot be used."""
    return {"problem": message, "hint": hint}


def first_line(error: Exception) -> str:
    """An error's message, without the advice for programmers that pandas adds."""
    said = str(error).strip() or type(error).__name__
    return said.splitlines()[0].partition(". You might want to try")[0]


def read(table: str, text: list[str]) -> Any:
    """Read a table; `text` are the columns that a CSV file may not turn into numbers."""
    import pandas as pd  # type: ignore[import-untyped]  # only where predictors are

    if table.lower().endswith((".parquet", ".pq")):
        return pd.read_parquet(table).reset_index(drop=True)
    return pd.read_csv(table, dtype=dict.fromkeys(text, str))


def as_trained(name: str, values: Any, kind: str) -> Any:
    """A column as the functions pass it to the predictor, regardless of its type in the file."""
    try:
        return CONVERSIONS.get(kind, other)(values)
    except (TypeError, ValueError, ArithmeticError) as exc:
        raise ValueError(f"{name}: {first_line(exc)}") from exc


def number(values: Any) -> Any:
    """NumPy's own numbers, with NaN for missing values."""
    import pandas as pd

    if values.dtype == object:
        # An integer that is read as a Decimal would lose digits as a float.
        whole = [isinstance(v, decimal.Decimal) and v == v.to_integral_value() for v in values]
        values = pd.to_numeric(
            pd.Series([int(v) if w else v for v, w in zip(values, whole, strict=True)], dtype=object)
        )
    if values.dtype.kind in "ib" and not values.isna().any():
        return pd.Series(values.to_numpy("int64"))
    return pd.Series(values.to_numpy("float64", na_value=float("nan")))


def zoned(values: Any) -> Any:
    """Times in UTC; each text is parsed by itself, whatever the other rows contain."""
    import pandas as pd

    return pd.to_datetime(values, utc=True, format="mixed")


def time(values: Any) -> Any:
    """Times without a zone, in UTC."""
    return zoned(values).dt.tz_localize(None)


def text(values: Any) -> Any:
    """Strings, with None for missing values."""
    return other(values, str)


def boolean(values: Any) -> Any:
    """Booleans, with None for missing values."""
    truths = other(values, truth)
    return truths if truths.isna().any() else truths.astype(bool)


def truth(value: Any) -> bool:
    """A boolean; text is refused, because Python would take any as true."""
    if isinstance(value, str):
        raise ValueError(f"expected a boolean, found the text {value!r}")  # noqa: TRY004  Handlers raise the same.
    return bool(value)


def other(values: Any, convert: Any = None) -> Any:
    """Python's own objects, with None for missing values."""
    import pandas as pd

    missing = values.isna()
    pairs = zip(values.astype(object), missing, strict=True)
    return pd.Series([None if lacks else convert(v) if convert else v for v, lacks in pairs], dtype=object)


CONVERSIONS = {"number": number, "zoned": zoned, "time": time, "text": text, "boolean": boolean}
"""For each kind of feature; the template of the handlers has the same ones."""


def answers(predictor: Any, frame: Any, output: str) -> list[Any]:
    """The predictor's answers, in the form in which its function returns them."""
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


def sendable(value: Any, type_name: str) -> Any:
    """A value as JSON, in a form that the SQL type of its argument accepts."""
    # NaT is a datetime too, but has no zone.
    if isinstance(value, datetime) and value.tzinfo is not None and type_name in WITHOUT_ZONE:
        value = value.astimezone(timezone.utc).replace(tzinfo=None)  # noqa: UP017  The runtime may be Python 3.10.
    value = plain(value)
    # SQL does not accept true as a number.
    return int(value) if isinstance(value, bool) and type_name in ("NUMBER", "FLOAT") else value


def plain(value: Any) -> Any:
    """A pandas value as JSON; missing values are null."""
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
