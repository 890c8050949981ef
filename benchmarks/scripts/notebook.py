"""A typical handler from a notebook: everything is unpacked and loaded again for each row."""

from __future__ import annotations

import glob
import os
import sys
import tempfile
import zipfile


def predict(age, bmi, children, smoker, region, sex):  # type: ignore[no-untyped-def]  # as people write it
    """The prediction for one row."""
    imports = sys._xoptions["snowflake_import_directory"]
    for wheel in glob.glob(os.path.join(imports, "*.whl")):  # noqa: PTH118, PTH207  As people write it.
        folder = os.path.join(tempfile.gettempdir(), "libraries")  # noqa: PTH118  As people write it.
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        sys.path.insert(0, folder)
    for model in glob.glob(os.path.join(imports, "*.zip")):  # noqa: PTH118, PTH207  As people write it.
        with zipfile.ZipFile(model) as archive:
            archive.extractall(os.path.join(tempfile.gettempdir(), "model"))  # noqa: PTH118  As people write it.

    import pandas as pd  # type: ignore[import-untyped]  # its stubs are a project of their own
    from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]  # of the locked environment

    predictor = TabularPredictor.load(os.path.join(tempfile.gettempdir(), "model"))  # noqa: PTH118  As people write it.
    row = pd.DataFrame([[age, bmi, children, smoker, region, sex]])
    row.columns = ["AGE", "BMI", "CHILDREN", "SMOKER", "REGION", "SEX"]
    return float(predictor.predict(row).iloc[0])
