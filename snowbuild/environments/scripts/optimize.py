"""Makes a smaller AutoGluon predictor, which can only predict.

Run as `python optimize.py PREDICTOR TARGET OUTPUT`: TARGET is the folder to make.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(predictor: str, target: str, output: str) -> None:
    """Read one folder and make the other."""
    from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]  # of the locked environment

    TabularPredictor.load(predictor, verbosity=0).clone_for_deployment(target, return_clone=False)
    Path(output).write_text(json.dumps({}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
