"""Rows per second."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild.cli.workspace import open_target
from snowbuild.lock import read_lock
from snowbuild.render import create_function
from tables.project import SCRIPTS, function_of, local_target, locked_python, wheel_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowbuild.config import Config
    from snowbuild.snowflake.target import SnowflakeTarget

BATCH = 2048
"""The most rows that the engine delivers at once."""
NOTEBOOK_ROWS, SCALAR_ROWS = 4, 300


def throughput(config: Config, name: str, rows: int, rounds: int) -> str:
    """The table of one predictor."""
    best: dict[str, float] = {}
    with deployed(config, name) as target:
        seed_table(config, target, rows)
        for _ in range(rounds):
            figures = {
                "notebook": through_sql(target, "notebook", NOTEBOOK_ROWS),
                "scalar": through_sql(target, f"{name}_scalar", SCALAR_ROWS),
                "vectorized": through_sql(target, f"{name}_vectorized", rows),
                **in_process(config, name, rows),
            }
            best = {key: max(best.get(key, 0), value) for key, value in figures.items()}
    lines = [
        ("(a) the notebook way: unpacks and loads for each row", "notebook"),
        ("`predict` of one row in one process, loaded once", "single"),
        ("(b) scalar", "scalar"),
        ("(c) vectorized", "vectorized"),
        (f"(d) `predict` in one process, in batches of {BATCH:,}", "batches"),
        ("(e) `predict` in one process, the whole frame", "frame"),
    ]
    table = ["| | rows/s | ratio to (a) | ratio to (d) |", "|---|---:|---:|---:|"]
    for text, key in lines:
        ratios = f"{best[key] / best['notebook']:,.0f} | {best[key] / best['batches']:.3f}"
        table.append(f"| {text} | {best[key]:,.{1 if best[key] < 1000 else 0}f} | {ratios} |")
    table.append("")
    table.append(f"scalar : `predict` of one row = {best['scalar'] / best['single']:.1f}")
    return "\n".join(table)


@contextmanager
def deployed(config: Config, name: str) -> Iterator[SnowflakeTarget]:
    """The local target, with the notebook's function of the same model beside those of snowbuild."""
    with open_target(config, local_target(config)) as target:
        definition = function_of(config, f"{name}_vectorized").definition
        stage = definition.imports[0].rpartition("/insurance/")[0]
        # As in a notebook: the wheels themselves, and the archives of the model.
        wheels = [d.staged for d in read_lock(config.lock_path).distributions if d.staged is not None]
        by_hand = [SCRIPTS / "notebook.py", *(wheel_path(config, wheel) for wheel in wheels)]
        for file in by_hand:
            target._session.file.put(str(file), f"{stage}/notebook", auto_compress=False, overwrite=True)
        archives = [path for path in definition.imports if "/models/" in path]
        notebook = replace(
            definition,
            name="notebook",
            handler="notebook.predict",
            imports=(*archives, *(f"{stage}/notebook/{file.name}" for file in by_hand)),
            comment=None,
        )
        target.execute(create_function(notebook))
        yield target


def seed_table(config: Config, target: SnowflakeTarget, rows: int) -> None:
    """Fill the table with different people: equal rows take the same path through a tree, which is faster."""
    sys.path.insert(0, str(config.root))
    import insurance  # type: ignore[import-not-found]  # the example's, found above

    columns = "age NUMBER(3,0), bmi FLOAT, children NUMBER(2,0), smoker NUMBER(1,0), region VARCHAR, sex VARCHAR"
    target.execute(f"CREATE OR REPLACE TABLE patients ({columns})")
    target.execute("CREATE OR REPLACE STAGE rows_of_patients")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "patients.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(row[:-1] for row in insurance.rows(rows))
        target._session.file.put(str(path), "@rows_of_patients", auto_compress=False)
    target.execute("COPY INTO patients FROM @rows_of_patients FILE_FORMAT = (TYPE = CSV)")


def through_sql(target: SnowflakeTarget, function: str, rows: int) -> float:
    """Rows per second of a query over `rows` rows, with a worker that is already running."""
    call = f"{function}(age, bmi, children, smoker, region, sex)"
    query = f"SELECT COUNT(p) AS n FROM (SELECT {call} AS p FROM (SELECT * FROM patients LIMIT {{}}))"  # noqa: S608  Names of ours.
    target.rows(query.format(1))
    started = time.perf_counter()
    (answer,) = target.rows(query.format(rows))
    elapsed = time.perf_counter() - started
    assert [*answer.values()] == [rows], answer
    return rows / elapsed


def in_process(config: Config, name: str, rows: int) -> dict[str, float]:
    """Rows per second without any engine, in a fresh process."""
    python = locked_python(config)
    script = SCRIPTS / "in_process.py"
    done = subprocess.run(
        [python, script, f"models/{name}", str(rows), str(BATCH)],
        cwd=config.root,
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures
