"""A cold start up to the first prediction; its pieces in seconds, processor time and end time, as JSON.

python cold.py installed PREDICTOR    AutoGluon installed and compiled, the predictor's folder at hand
python cold.py staged MODULE          the import directory, as a function has it
python cold.py unpack JSON            only unpacking: {"wheels": [[file name, sha256]…], "model": […]}
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

ROW = (19, 27.9, 0, 1, "southwest", "female")
NAMES = ("AGE", "BMI", "CHILDREN", "SMOKER", "REGION", "SEX")


class Clock:
    """The pieces, in order."""

    def __init__(self) -> None:
        self.pieces: dict[str, float] = {}
        self.last = time.perf_counter()

    def __call__(self, piece: str) -> None:
        """Record the end of a piece."""
        now = time.perf_counter()
        self.pieces[piece] = now - self.last
        self.last = now


def installed(path: str, clock: Clock) -> None:
    """As fast as it can be: nothing to unpack, nothing to compile."""
    import joblib  # type: ignore[import-not-found]  # of the locked environment
    import pandas as pd  # type: ignore[import-untyped]  # its stubs are a project of their own

    clock("libraries")
    from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]  # of the locked environment

    clock("autogluon")
    predictor: Any = TabularPredictor.load(path, verbosity=0)
    clock("load")
    predictor.persist(max_memory=None)
    clock("persist")
    with joblib.parallel_config("sequential"):
        predictor.predict(pd.DataFrame([ROW], columns=list(NAMES)))
    clock("predict")


def staged(module: str, clock: Clock) -> None:
    """What Snowflake does: import the module and call its handler."""
    handler = __import__(module).handler
    clock("module")
    handler(*ROW)
    clock("predict")


def unpack(plain: str, clock: Clock) -> None:
    """What the loader does, one thing after the other."""
    import snowbuild_loader  # type: ignore[import-not-found]  # of the import directory

    archives = json.loads(plain)
    clock("loader")
    snowbuild_loader.activate([tuple(wheel) for wheel in archives["wheels"]])
    clock("wheels")
    snowbuild_loader.unpack([tuple(part) for part in archives["model"]])
    clock("model")


def main(kind: str, argument: str) -> None:
    """Print the pieces."""
    sys.path.insert(0, sys._xoptions["snowflake_import_directory"] or "")
    clock = Clock()
    {"installed": installed, "staged": staged, "unpack": unpack}[kind](argument, clock)
    print(json.dumps({**clock.pieces, "ended": time.time(), "processor": time.process_time()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
