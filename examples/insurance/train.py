"""Train on the insurance table and save the predictor: `snowbuild run -- python train.py`."""

from __future__ import annotations

import shutil
from pathlib import Path

import insurance
import pandas as pd
from autogluon.tabular import TabularPredictor

MODEL = Path(__file__).with_name("models") / "expense"


def main() -> None:
    """Train from scratch, and replace the predictor of an earlier run."""
    table = pd.DataFrame(insurance.rows(), columns=list(insurance.COLUMNS))
    training, held_out = table.iloc[:-200], table.iloc[-200:]
    shutil.rmtree(MODEL, ignore_errors=True)
    predictor = TabularPredictor(label=insurance.LABEL, path=str(MODEL), verbosity=1)
    predictor.fit(training, hyperparameters={"RF": {}, "XT": {}, "KNN": {}})
    error = -predictor.evaluate(held_out, silent=True)["mean_absolute_error"]
    print(f"models/{MODEL.name}: off by {error:,.0f} of {held_out[insurance.LABEL].mean():,.0f} on average")


if __name__ == "__main__":
    main()
