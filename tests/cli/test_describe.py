"""What `snowbuild describe` and `snowbuild test --rows` refuse, before anything is resolved or built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.runner import run_here
from tests.models.predictors import predictor

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """
[project]
name = "p"
[runtime]
python = "3.11"
[packages]
service = "none"
[models.expense]
path = "models/expense"
[models.risk]
path = "models/risk.pkl"
[models.later]
path = "models/later"
[functions.predict]
model = "risk"
arguments = { A = "FLOAT" }
[functions.own]
handler = "src/mine.py:f"
[functions.late]
model = "later"
arguments = { A = "FLOAT" }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "snowbuild.toml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "src").mkdir()
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "src" / "mine.py").touch()
    predictor(tmp_path / "models" / "expense")
    (tmp_path / "models" / "risk.pkl").write_bytes(b"")
    (tmp_path / "rows.csv").write_text("A\n1\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["describe", "expanse"], "no such model: expanse\nhint: did you mean expense?"),
        (["describe", "zz", "expense", "zz"], "no such model: zz\nhint: known here: expense, later, risk"),
        (
            ["describe", "later", "risk", "later"],
            "models.later.path: no such folder: models/later\n"
            "hint: train later first, for example with `snowbuild run -- python train.py`\n"
            "models.risk: nothing to describe: only AutoGluon predictors can be described",
        ),
        (
            ["describe", "later"],
            "models.later.path: no such folder: models/later\n"
            "hint: train later first, for example with `snowbuild run -- python train.py`",
        ),
        (["describe", "risk"], "models.risk: nothing to describe: only AutoGluon predictors can be described"),
        (
            ["test", "--rows", "rows.csv"],
            "--rows: a table is for one function\nhint: snowbuild test NAME --rows FILE",
        ),
        (
            ["test", "own", "--rows", "rows.csv", "--record"],
            "--rows: nothing is recorded from a table\nhint: snowbuild test NAME --rows FILE",
        ),
        (["test", "predict", "--rows", "folder.csv"], "--rows: a folder, not a file: folder.csv"),
        (["test", "predict", "--rows", "rows.xlsx"], "--rows: expected a table in .csv or .parquet: rows.xlsx"),
        (["test", "predict", "--rows", "none.csv"], "--rows: no such file: none.csv"),
        (["test", "predict", "--rows", "rows.csv"], "models.risk: not an AutoGluon predictor"),
        (
            ["test", "own", "--rows", "rows.csv"],
            "functions.own: it has no model that can be called directly\nhint: --rows is for AutoGluon's templates",
        ),
        (
            ["test", "late", "--rows", "rows.csv"],
            "models.later.path: no such folder: models/later\n"
            "hint: train later first, for example with `snowbuild run -- python train.py`",
        ),
    ],
)
def test_what_cannot_be_is_said(project: Path, arguments: list[str], message: str) -> None:
    assert str(run_here(project, *arguments)) == message
