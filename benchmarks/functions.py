"""How fast are the functions, and how fast do they start? On predictors that are trained here.

    python benchmarks/functions.py [--rows 100000] [--rounds 3] [--folder KEPT]

Every figure of a table comes from the same run, in turns, and the best round counts: the ratios say something, the
seconds say more about the machine. SQL goes through the embedded Snowflake, which delivers at most 2,048 rows at once.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snowbuild import local
from snowbuild.cli.workspace import open_target
from snowbuild.config import load
from snowbuild.environment import build_environment
from snowbuild.local.functions.packages import function_environment
from snowbuild.lock import read_lock
from snowbuild.plan import desired_of
from snowbuild.render import create_function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowbuild.config import Config
    from snowbuild.lock.values import Lock
    from snowbuild.plan import Function
    from snowbuild.snowflake.target import SnowflakeTarget

EXAMPLE = Path(__file__).parents[1] / "examples" / "insurance"
LOCKED = Path(__file__).with_name("locked")
FAMILIES = {"forests": ["RF", "XT", "KNN"], "boosted": ["RF", "XT", "KNN", "GBM"]}
BATCH = 2048
"""What the engine delivers at most."""
NOTEBOOK_ROWS, SCALAR_ROWS = 4, 300
WORKER_ROWS = 40_960
"""For each of several workers."""
COLD_ROUNDS = 11

FUNCTION = """
[functions.{name}_{kind}]
model = "{name}"
template = "autogluon_{kind}.py.j2"
arguments = {{ AGE = "NUMBER(3,0)", BMI = "FLOAT", CHILDREN = "NUMBER(2,0)", SMOKER = "NUMBER(1,0)", \
REGION = "VARCHAR", SEX = "VARCHAR" }}
returns = "FLOAT"
"""
TRAIN = """
import insurance, pandas as pd
from autogluon.tabular import TabularPredictor
table = pd.DataFrame(insurance.rows(), columns=list(insurance.COLUMNS))
for name, families in {families!r}.items():
    predictor = TabularPredictor(label=insurance.LABEL, path="models/" + name, verbosity=0)
    predictor.fit(table, hyperparameters={{family: {{}} for family in families}})
"""


def prepare(root: Path) -> None:
    """Lock, train and deploy both predictors, each with both kinds of function; what is there already stays."""
    if not all((root / "models" / name).is_dir() for name in FAMILIES):
        leave = shutil.ignore_patterns(".snowbuild", "models", "pylock*", "templates")
        shutil.copytree(EXAMPLE, root, ignore=leave, dirs_exist_ok=True)
        text = (root / "snowbuild.toml").read_text(encoding="utf-8")
        text = text[: text.index("[models.expense]")].replace("autogluon.tabular==", "autogluon.tabular[lightgbm]==")
        for name in FAMILIES:
            text += f'[models.{name}]\npath = "models/{name}"\n'
            text += "".join(FUNCTION.format(name=name, kind=kind) for kind in ("vectorized", "scalar"))
        (root / "snowbuild.toml").write_text(text, encoding="utf-8")
        (root / "train_both.py").write_text(TRAIN.format(families=FAMILIES), encoding="utf-8")
        command(root, "lock")
        command(root, "run", "--", "python", "train_both.py")
    command(root, "apply", "--yes")


def command(root: Path, *arguments: str) -> None:
    """Run snowbuild."""
    first, *rest = arguments
    subprocess.run([sys.executable, "-m", "snowbuild", first, "--quiet", *rest], cwd=root, check=True)


def main() -> None:
    """Print the tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cold-only", action="store_true", help="the table of cold starts alone")
    parser.add_argument("--folder", type=Path, help="where the trained project is kept for the next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = (options.folder or Path(temporary, "insurance")).absolute()
        prepare(root)
        config = load(root / "snowbuild.toml")
        try:
            for name, families in () if options.cold_only else FAMILIES.items():
                print(f"\n{name} ({', '.join(families)}), {options.rows:,} rows\n")
                print(throughput(config, name, options.rows, options.rounds), flush=True)
                print(f"\n{name}, several workers at once\n")
                print(workers_at_once(config, name, options.rounds), flush=True)
            print("\ncold start: forests\n")
            print(cold_starts(config))
        finally:
            local.down(config.state / "local")


# Rows per second


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
        # As people have them: the wheels themselves, and the archives of the model.
        by_hand = [LOCKED / "notebook.py", *plain_wheels(config)]
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


def plain_wheels(config: Config) -> list[Path]:
    """The staged distributions' wheels without bytecode."""
    folder = config.state / "artifacts" / "wheels"
    wheels = [d.staged for d in read_lock(config.lock_path).distributions if d.staged is not None]
    return [folder / wheel.sha256[:16] / wheel.filename for wheel in wheels]


def local_target(config: Config) -> Any:
    """The target called `local`."""
    return next(target for target in config.targets if target.is_local)


def function_of(config: Config, name: str) -> Function:
    """A function as it was deployed."""
    lock = read_lock(config.lock_path)
    desired = desired_of(config, lock, local_target(config), lock_sha256="")
    return next(function for function in desired.functions if function.name == name)


def locked_python(config: Config) -> Path:
    """The Python in which the predictors were trained."""
    environments = config.state / "environments"
    return build_environment(environments, python=config.runtime.version, lockfile=config.lock_path).python


def service_python(config: Config, function: Function) -> Path:
    """The Python in which the embedded Snowflake runs a function, with what the package service brings."""
    return function_environment(
        config.state / "local" / "environments",
        runtime=config.runtime.version,
        packages=function.definition.packages,
        lock=config.lock_path,
    ).python


def seed_table(config: Config, target: SnowflakeTarget, rows: int) -> None:
    """As many people as wanted, all of them different: equal rows take the same way through a tree, which is faster."""
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
    """Rows per second of a query over so many rows, with a worker that is up."""
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
    script = LOCKED / "in_process.py"
    done = subprocess.run(
        [python, script, f"models/{name}", str(rows), str(BATCH)],
        cwd=config.root,
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


# Several workers at once


def workers_at_once(config: Config, name: str, rounds: int) -> str:
    """The table of as many workers as there are processors, each with batches as large as the engine's."""
    count = max(2, os.cpu_count() or 1)
    function = function_of(config, f"{name}_vectorized")
    locked, service = locked_python(config), service_python(config, function)
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in function.files:
            shutil.copy(config.state / "artifacts" / path.partition("/")[2], folder)
        handler = [service, "-X", f"snowflake_import_directory={folder}/", LOCKED / "workers.py", "handler"]
        plain = [locked, LOCKED / "workers.py", "predict"]
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
    """`rows` per second of workers that begin together, and the `processor` time of one row in seconds."""
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


# Cold starts


def cold_starts(config: Config) -> str:
    """The table of cold starts, with the temporary directory in memory where that can be had, as in Snowflake."""
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
        for turn in range(COLD_ROUNDS):
            place = Path(folder, str(turn))
            handler = ["staged", "forests_scalar"]
            runs = {
                "installed": (locked, ["installed", str(config.root / "models" / "forests")], imports, place / "1"),
                "staged": (service, handler, imports, place / "2"),
                # The same once more: everything is unpacked.
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
    """What `runtime.bytecode = false` makes: the same import directory, but with the wheels themselves."""
    plain = Path(shutil.copytree(imports, folder / "plain"))
    module = plain / "forests_scalar.py"
    text = module.read_text(encoding="utf-8")
    for distribution in lock.distributions:
        if distribution.bytecode is not None and (wheel := distribution.staged) is not None:
            (plain / distribution.bytecode.filename).unlink()
            shutil.copy(config.state / "artifacts" / "wheels" / wheel.sha256[:16] / wheel.filename, plain)
            text = text.replace(distribution.bytecode.filename, wheel.filename)
            text = text.replace(distribution.bytecode.sha256, wheel.sha256)
    module.write_text(text, encoding="utf-8")
    return plain


def cold_start(
    python: Path, options: list[str], arguments: list[str], imports: Path, temporary: Path
) -> dict[str, float]:
    """The pieces of one start, and `total`, from the start of the process."""
    started = time.time()
    done = subprocess.run(
        [python, "-s", "-E", *options, "-X", f"snowflake_import_directory={imports}/", LOCKED / "cold.py", *arguments],
        env={"PATH": os.defpath, "TMPDIR": str(temporary), "HOME": str(temporary)},
        cwd=temporary,
        check=True,
        capture_output=True,
        text=True,
    )
    pieces: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {**pieces, "total": pieces.pop("ended") - started}


def cold_table(results: dict[str, list[dict[str, float]]]) -> str:
    """Best of the rounds, piece by piece."""
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


if __name__ == "__main__":
    main()
