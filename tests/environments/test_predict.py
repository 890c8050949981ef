"""Asking a predictor about a table, in a process of its own; a small module stands in for AutoGluon."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from snowbuild.environments.scripts import PREDICT

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


def ask(folder: Path, table: str) -> Any:
    """What the script says about a table with AGE and ZIP, which is text in SQL."""
    (folder / "autogluon").mkdir()
    (folder / "autogluon" / "tabular.py").write_text(STAND_IN, encoding="utf-8")
    request = {"model": "m", "table": table, "columns": {"AGE": False, "ZIP": True}, "output": "prediction"}
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
        ("", {"problem": "cannot be read: No columns to parse from file"}),
        ("AGE,Zip\n19,1\n", {"missing": ["ZIP"]}),
        (
            "AGE,ZIP\nold,0800\n",
            {"problem": "the model cannot predict it: invalid literal for int() with base 10: 'old'"},
        ),
    ],
)
def test_a_table(tmp_path: Path, text: str, expected: dict[str, Any]) -> None:
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
    found = ask(tmp_path, "rows.csv")
    assert found == (
        {"problem": None, "missing": [], "known": found.get("known")} | expected
        if "problem" not in expected
        else expected
    )


def test_no_table_of_parquet(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"garbage")
    assert ask(tmp_path, "rows.parquet")["problem"].startswith("cannot be read: ")
