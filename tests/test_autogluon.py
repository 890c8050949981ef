"""What a training script that has snowbuild at hand writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild import autogluon
from snowbuild.models.description import read_description, tree_digest
from tests.models.predictors import predictor
from tests.models.test_description import StandIn

if TYPE_CHECKING:
    from pathlib import Path


def test_a_training_script_describes_its_predictor(tmp_path: Path) -> None:
    trained = StandIn()
    folder = predictor(tmp_path / "risk")
    trained.path = str(folder)  # type: ignore[attr-defined]  # as AutoGluon's predictors have it
    description = autogluon.describe(trained)
    assert [f.name for f in description.features] == ["AGE", "SEX"]
    assert read_description(folder, lambda: tree_digest(folder), label="") == (description, "")
