"""Asking a predictor about a table, in a process of its own; a small module stands in for AutoGluon."""

from __future__ import annotations

import decimal
import json
import os
import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from snowbuild.environments.scripts import PREDICT, predict

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

STAND_IN = """
class TabularPredictor:
    problem_type = "regression"

    @classmethod
    def load(cls, path, *, verbosity):
        return cls()

    def predict(self, frame):
        return frame["AGE"].astype("int64") + frame["ZIP"].str.len()
"""

COLUMNS = {"AGE": {"type": "NUMBER", "kind": "number"}, "ZIP": {"type": "VARCHAR", "kind": "text"}}


def ask(folder: Path, table: str, columns: dict[str, dict[str, str]]) -> Any:
    """What the script says about a table."""
    (folder / "autogluon").mkdir()
    (folder / "autogluon" / "tabular.py").write_text(STAND_IN, encoding="utf-8")
    request = {"model": "m", "table": table, "columns": columns, "output": "prediction"}
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    command = [sys.executable, "-W", "ignore", str(PREDICT), "request.json", "output.json"]
    subprocess.run(command, check=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, timeout=300)
    return json.loads((folder / "output.json").read_bytes())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # In SQL a column is text or it is not, whatever its values look like.
        ("AGE,ZIP\n19,0800\n20,3000\n", {"rows": [[19, "0800"], [20, "3000"]], "answers": [23, 24]}),
        ("AGE,ZIP\n", {"rows": [], "answers": []}),
        ("", {"problem": "cannot be read: No columns to parse from file", "hint": None}),
        ("AGE,Zip\n19,1\n", {"missing": ["ZIP"], "known": ["AGE", "Zip"]}),
        (
            "AGE,ZIP\nold,0800\n",
            {
                "problem": "the model cannot predict its rows: AGE: could not convert string to float: 'old'",
                "hint": None,
            },
        ),
        (
            f"AGE,ZIP\n{10**400},0800\n",
            {"problem": "the model cannot predict its rows: AGE: int too large to convert to float", "hint": None},
        ),
    ],
)
def test_a_table(tmp_path: Path, text: str, expected: dict[str, Any]) -> None:
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
    found = ask(tmp_path, "rows.csv", COLUMNS)
    assert found == (expected if "problem" in expected else {"problem": None, "missing": []} | expected)


def test_no_table_of_parquet(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"garbage")
    found = ask(tmp_path, "rows.parquet", COLUMNS)
    assert found["problem"].startswith("cannot be read: ")


def test_a_table_of_parquet_without_what_reads_it(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"")
    (tmp_path / "pyarrow.py").write_text("raise ImportError", encoding="utf-8")
    assert ask(tmp_path, "rows.parquet", COLUMNS) == {
        "problem": "cannot be read without pyarrow",
        "hint": "add the requirement pyarrow, or use a CSV file",
    }


def column(type_name: str, kind: str) -> dict[str, str]:
    return {"type": type_name, "kind": kind}


@pytest.mark.parametrize(
    ("values", "dtype", "of", "sent", "trained"),
    [
        # What is in the file, the argument; what goes through SQL, and what the predictor gets, as the functions do it.
        ([19, None], "Int64", column("NUMBER", "number"), [19, None], "f: ['19.0', 'nan']"),
        ([19, 20], "Int64", column("NUMBER", "number"), [19, 20], "i: ['19', '20']"),
        ([True, False], "bool", column("NUMBER", "number"), [1, 0], "i: ['1', '0']"),
        ([True, None], "boolean", column("FLOAT", "number"), [1, None], "f: ['1.0', 'nan']"),
        ([True, None], "boolean", column("BOOLEAN", "boolean"), [True, None], "O: ['True', 'None']"),
        (["a", None], "category", column("VARCHAR", "text"), ["a", None], "O: ['a', 'None']"),
        (
            [decimal.Decimal("9007199254740993.0")], "object", column("NUMBER", "number"),
            ["9007199254740993.0"], "i: ['9007199254740993']",
        ),
        (
            ["2026-01-31T12:00:00+02:00"], "datetime64[ns, UTC+02:00]", column("TIMESTAMP_NTZ", "time"),
            ["2026-01-31T10:00:00"], "M: ['2026-01-31 10:00:00']",
        ),
        (
            ["2026-01-31T12:00:00+02:00"], "datetime64[ns, UTC+02:00]", column("TIMESTAMP_TZ", "zoned"),
            ["2026-01-31T12:00:00+02:00"], "M: ['2026-01-31 10:00:00+00:00']",
        ),
        (
            ["2026-01-31T12:00:00+02:00"], "datetime64[ns, UTC+02:00]", column("TIMESTAMP_TZ", "time"),
            ["2026-01-31T12:00:00+02:00"], "M: ['2026-01-31 10:00:00']",
        ),
        (
            [date(2026, 1, 31), None], "object", column("DATE", "time"),
            ["2026-01-31", None], "M: ['2026-01-31 00:00:00', 'NaT']",
        ),
    ],
)  # fmt: skip
def test_a_column_is_what_functions_hand_to_the_predictor(
    values: list[Any], dtype: str, of: dict[str, str], sent: list[Any], trained: str
) -> None:
    import pandas as pd  # type: ignore[import-untyped]  # no stubs

    series = pd.Series(values, dtype=dtype)
    assert [predict.sendable(value, of["type"]) for value in series] == sent
    found = predict.as_trained("A", series, of["kind"])
    assert f"{found.dtype.kind}: {[str(value) for value in found]}" == trained


def test_rows_of_parquet_are_in_their_order_whatever_their_index(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"AGE": pd.Series([19, 20], dtype="Int64"), "ZIP": ["0800", "1"]})
    frame.set_index(pd.Index([7, 3], name="ID")).to_parquet(tmp_path / "rows.parquet")
    found = ask(tmp_path, "rows.parquet", COLUMNS)
    assert found == {"problem": None, "missing": [], "rows": [[19, "0800"], [20, "1"]], "answers": [23, 21]}


def test_text_is_no_truth_value() -> None:
    import pandas as pd

    with pytest.raises(ValueError, match=r"^OK: expected a boolean, found the text 'no'$"):
        predict.as_trained("OK", pd.Series([True, None, "no"], dtype=object), "boolean")


def test_a_date_that_is_none_is_said_without_advice_to_programmers() -> None:
    import pandas as pd

    with pytest.raises(ValueError, match=r"^WHEN: .*soon[^\n]*$"):
        predict.as_trained("WHEN", pd.Series(["2026-01-31", "soon"]), "time")
    advice = (
        'time data "soon" doesn\'t match format "%Y", at position 1. You might want to try:\n    - passing `format`'
    )
    assert predict.first_line(ValueError(advice)) == 'time data "soon" doesn\'t match format "%Y", at position 1'
    assert predict.first_line(OverflowError()) == "OverflowError"
