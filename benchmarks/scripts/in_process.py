"""Rows per second of a predictor without any engine, as JSON; run in the locked environment beside insurance.py.

    python in_process.py PREDICTOR ROWS BATCH

The predictor is loaded once and persisted; otherwise AutoGluon has its defaults.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SINGLE_ROWS = 20


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main(path: str, rows: int, batch: int) -> None:
    """Print the three figures."""
    # This runs in the example's folder.
    sys.path.insert(0, "")
    import insurance  # type: ignore[import-not-found]  # of the example
    import pandas as pd  # type: ignore[import-untyped]  # its stubs are a project of their own
    from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]  # of the locked environment

    predictor: Any = TabularPredictor.load(path, verbosity=0)
    predictor.persist(max_memory=None)
    table = pd.DataFrame(insurance.rows(rows), columns=list(insurance.COLUMNS)).drop(columns=insurance.LABEL)
    batches = [table.iloc[start : start + batch] for start in range(0, rows, batch)]
    singles = [table.iloc[index : index + 1] for index in range(SINGLE_ROWS)]
    predictor.predict(table.iloc[:1])
    figures = {
        "single": SINGLE_ROWS / seconds(lambda: [predictor.predict(row) for row in singles]),
        "batches": rows / seconds(lambda: [predictor.predict(one) for one in batches]),
        "frame": rows / seconds(lambda: predictor.predict(table)),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
