"""For training scripts, if snowbuild is installed: does what `snowbuild describe` does, without loading the predictor.

predictor = TabularPredictor(label="EXPENSES", path="models/expense").fit(table)
snowbuild.autogluon.describe(predictor)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from snowbuild.environments.scripts.describe import describe as plain_description
from snowbuild.models import Description, description_of, tree_digest, write_description


def describe(predictor: Any) -> Description:
    """Write a trained predictor's description beside its folder, and return it.

    Call it last: after any change to the folder, the description is out of date. Unlike `snowbuild describe`, it does
    not notice a predictor that is bound to its folder.

    Args:
        predictor: An `autogluon.tabular.TabularPredictor` that has been fitted and saved.

    Raises:
        ModelError: its folder cannot be read, or the description cannot be written.
    """
    folder = Path(predictor.path).absolute()
    description = description_of(plain_description(predictor), where=str(folder))
    write_description(folder, description, tree_sha256=tree_digest(folder))
    return description
