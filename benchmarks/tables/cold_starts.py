"""From the start of a process to its first prediction."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild.lock import read_lock
from tables.project import SCRIPTS, function_of, locked_python, service_python, wheel_path

if TYPE_CHECKING:
    from snowbuild.config import Config
    from snowbuild.lock.values import Lock

ROUNDS = 11


def cold_starts(config: Config) -> str:
    """The table of cold starts, with the temporary directory in memory if possible, as in Snowflake."""
    function = function_of(config, "forests_scalar")
    lock = read_lock(config.lock_path)
    model = next(model for model in lock.models if model.name == "forests")
    wheels = [d.staged_file for d in lock.distributions if d.staged_file is not None]
    archives = {
        "wheels": [[wheel.filename, wheel.sha256] for wheel in wheels],
        "model": [[archive.filename, archive.sha256] for archive in model.archives],
    }
    locked, service = locked_python(config), service_python(config, function)
    memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # noqa: S108  Memory, where Linux has it.
    results: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        imports = Path(folder, "imports")
        imports.mkdir()
        for path in function.files:
            shutil.copy(config.state / "artifacts" / path.partition("/")[2], imports)
        plain = without_bytecode(imports, config, lock, Path(folder))
        for turn in range(ROUNDS):
            place = Path(folder, str(turn))
            handler = ["staged", "forests_scalar"]
            runs = {
                "installed": (locked, ["installed", str(config.root / "models" / "forests")], imports, place / "1"),
                "staged": (service, handler, imports, place / "2"),
                # Once more, with everything unpacked already.
                "again": (service, handler, imports, place / "2"),
                "unpack": (service, ["unpack", json.dumps(archives)], imports, place / "3"),
                "plain": (service, handler, plain, place / "4"),
                "plain, nothing written": (service, handler, plain, place / "5"),
            }
            for name, (python, arguments, where, temporary) in runs.items():
                temporary.mkdir(parents=True, exist_ok=True)
                options = ["-B"] if name == "plain, nothing written" else []
                results.setdefault(name, []).append(cold_start(python, options, arguments, where, temporary))
    return cold_table(results)


def without_bytecode(imports: Path, config: Config, lock: Lock, folder: Path) -> Path:
    """The import directory with `runtime.bytecode = false`: the same, but with the wheels themselves."""
    plain = Path(shutil.copytree(imports, folder / "plain"))
    module = plain / "forests_scalar.py"
    text = module.read_text(encoding="utf-8")
    for distribution in lock.distributions:
        if distribution.bytecode is not None and (wheel := distribution.staged) is not None:
            (plain / distribution.bytecode.filename).unlink()
            shutil.copy(wheel_path(config, wheel), plain)
            text = text.replace(distribution.bytecode.filename, wheel.filename)
            text = text.replace(distribution.bytecode.sha256, wheel.sha256)
    module.write_text(text, encoding="utf-8")
    return plain


def cold_start(
    python: Path, options: list[str], arguments: list[str], imports: Path, temporary: Path
) -> dict[str, float]:
    """The pieces of one start in seconds, and `total`, from the start of the process."""
    started = time.time()
    done = subprocess.run(
        [python, "-s", "-E", *options, "-X", f"snowflake_import_directory={imports}/", SCRIPTS / "cold.py", *arguments],
        env={"PATH": os.defpath, "TMPDIR": str(temporary), "HOME": str(temporary)},
        cwd=temporary,
        check=True,
        capture_output=True,
        text=True,
    )
    pieces: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**pieces, "total": pieces.pop("ended") - started}


def cold_table(results: dict[str, list[dict[str, float]]]) -> str:
    """The best round of each piece, as Markdown."""
    best = {name: {key: min(one[key] for one in rounds) for key in rounds[0]} for name, rounds in results.items()}
    reference = best["installed"]
    lines = ["| | s | ratio | processor time: s | ratio |", "|---|---:|---:|---:|---:|"]
    for text, name, piece in (
        ("**AutoGluon installed and compiled, predictor at hand**", "installed", "total"),
        ("· import joblib, numpy, pandas", "installed", "libraries"),
        ("· import autogluon", "installed", "autogluon"),
        ("· load", "installed", "load"),
        ("· persist", "installed", "persist"),
        ("· first prediction", "installed", "predict"),
        ("**staged, empty temporary directory**", "staged", "total"),
        ("· unpack the wheels", "unpack", "wheels"),
        ("· unpack the model (in the background)", "unpack", "model"),
        ("**staged, a later process of the same query**", "again", "total"),
        ("**without `runtime.bytecode`**", "plain", "total"),
        ("**without `runtime.bytecode`, where Python writes none either**", "plain, nothing written", "total"),
    ):
        value, processor = best[name][piece], best[name]["processor"]
        line = f"| {text} | {value:.2f} | {value / reference['total']:.2f} |"
        whole = f" {processor:.2f} | {processor / reference['processor']:.2f} |"
        lines.append(line + (whole if piece == "total" else " | |"))
    return "\n".join(lines)
