"""Several workers at once on one machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tables.project import SCRIPTS, function_of, locked_python, service_python
from tables.throughput import BATCH

if TYPE_CHECKING:
    from snowbuild.config import Config

WORKER_ROWS = 40_960
"""Rows for each worker."""


def workers_at_once(config: Config, name: str, rounds: int) -> str:
    """The table of one worker per processor, each with batches as large as the engine's."""
    count = max(2, os.cpu_count() or 1)
    function = function_of(config, f"{name}_vectorized")
    locked, service = locked_python(config), service_python(config, function)
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in function.files:
            shutil.copy(config.state / "artifacts" / path.partition("/")[2], folder)
        handler = [service, "-X", f"snowflake_import_directory={folder}/", SCRIPTS / "workers.py", "handler"]
        plain = [locked, SCRIPTS / "workers.py", "predict"]
        runs = {
            "handler alone": (1, [*handler, f"{name}_vectorized"]),
            "handlers": (count, [*handler, f"{name}_vectorized"]),
            "predict alone": (1, [*plain, f"models/{name}"]),
            "predict": (count, [*plain, f"models/{name}"]),
        }
        for _ in range(rounds):
            for key, (workers, command_line) in runs.items():
                one = at_once(config.root, workers, [*command_line, str(WORKER_ROWS), str(BATCH)], Path(folder))
                best[key] = max(best.get(key, one), one, key=lambda figures: figures["rows"])
    lines = ["| | rows/s | ratio | processor time for 100,000 rows: s |", "|---|---:|---:|---:|"]
    for text, key in (
        ("one worker alone", "handler alone"),
        (f"{count} workers at once", "handlers"),
        ("`predict` in one process alone, threads as AutoGluon chooses", "predict alone"),
        (f"`predict` in {count} processes at once, threads as AutoGluon chooses", "predict"),
    ):
        figures = best[key]
        ratio = figures["rows"] / best["handler alone"]["rows"]
        lines.append(f"| {text} | {figures['rows']:,.0f} | {ratio:.2f} | {figures['processor'] * 100_000:.1f} |")
    return "\n".join(lines)


def at_once(root: Path, count: int, command_line: list[Any], temporary: Path) -> dict[str, float]:
    """`rows` per second of workers that start together, and the `processor` time of one row in seconds."""
    workers = [
        subprocess.Popen(
            command_line,
            env={"PATH": os.defpath, "TMPDIR": str(temporary), "HOME": str(temporary)},
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    figures: list[dict[str, float]] = [json.loads(worker.communicate()[0]) for worker in workers]
    rows = count * WORKER_ROWS
    elapsed = max(one["ended"] for one in figures) - min(one["began"] for one in figures)
    return {"rows": rows / elapsed, "processor": sum(one["processor"] for one in figures) / rows}
