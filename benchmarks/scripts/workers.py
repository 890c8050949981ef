"""One of several workers: loads, says so, and predicts in batches after a line of input; figures as JSON.

python workers.py handler MODULE ROWS BATCH     the rendered handler, from the import directory
python workers.py predict PREDICTOR ROWS BATCH  AutoGluon itself, persisted, without any cap on threads

Run beside insurance.py.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def handler(module: str) -> Callable[[Any], object]:
    """What Snowflake calls, with batches whose columns are numbered."""
    sys.path.insert(0, sys._xoptions["snowflake_import_directory"] or "")
    of_module: Any = __import__(module).handler
    return lambda table: of_module(table.set_axis(range(table.shape[1]), axis=1))


def predict(path: str) -> Callable[[Any], object]:
    """AutoGluon's own `predict`."""
    from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]  # of the locked environment

    predictor: Any = TabularPredictor.load(path, verbosity=0)
    predictor.persist(max_memory=None)
    work: Callable[[Any], object] = predictor.predict
    return work


def main(kind: str, what: str, rows: int, batch: int) -> None:
    """Print `ready`, wait for a line, and print when the work began and ended, and its processor time."""
    work = {"handler": handler, "predict": predict}[kind](what)
    # This runs in the example's folder; the handler's own modules come first.
    sys.path.append("")
    import insurance  # type: ignore[import-not-found]  # of the example
    import pandas as pd  # type: ignore[import-untyped]  # its stubs are a project of their own

    table = pd.DataFrame(insurance.rows(rows), columns=list(insurance.COLUMNS)).drop(columns=insurance.LABEL)
    batches = [table.iloc[start : start + batch].reset_index(drop=True) for start in range(0, rows, batch)]
    work(batches[0])
    print("ready", flush=True)
    sys.stdin.readline()
    began, processor = time.time(), time.process_time()
    for one in batches:
        work(one)
    print(json.dumps({"began": began, "ended": time.time(), "processor": time.process_time() - processor}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
