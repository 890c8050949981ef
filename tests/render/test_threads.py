"""How many threads a handler really takes, with sub-models of every family, while others like it are at work.

What is asked is processor time and threads, which do not depend on what else the machine does.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from snowbuild.config import Argument, ModelConfig, Output
from snowbuild.models import archive_path, lock_model
from snowbuild.render import load_templates, render_functions
from tests.render.support import NOWHERE, command, config, environment, function, stage, start

pytestmark = [
    pytest.mark.slow,
    pytest.mark.integration,
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads where Linux shows them"),
]

WORKERS = 3
ARGUMENTS = tuple(Argument(name=name, type=type_) for name, type_ in (("A", "FLOAT"), ("B", "FLOAT"), ("C", "VARCHAR")))

# Six threads, more than there are processors here: what a larger machine would have left in the predictor. The best
# model is one that asks every other one, or, in the last predictor, one that is not bagged.
TRAIN = """
import numpy as np, pandas as pd
from autogluon.tabular import TabularPredictor


def rows(seed, count):
    rng = np.random.default_rng(seed)
    columns = {"A": rng.random(count), "B": rng.random(count), "C": rng.choice(["a", "b", "c"], count)}
    return pd.DataFrame(columns)


table = rows(1, 600)
score = 5 * table["A"] + table["B"] ** 2 + table["C"].map({"a": 0, "b": 1, "c": 2})
forest, few = {"n_estimators": 20, "n_jobs": 6}, {"iterations": 30}
all_of_them = {
    "RF": forest, "XT": forest, "KNN": {"n_jobs": 6}, "CAT": few, "XGB": {"n_estimators": 30},
    "GBM": {"num_boost_round": 30},
}
stacked = {"num_bag_folds": 2, "num_bag_sets": 1, "num_stack_levels": 1, "dynamic_stacking": False,
           "ag_args_ensemble": {"fold_fitting_strategy": "sequential_local"}}
for name, best, families, options in (
    ("regression", "CatBoost_BAG_L2", {1: all_of_them, 2: {"CAT": few}}, stacked),
    ("binary", "CatBoost_BAG_L2", {1: all_of_them, 2: {"CAT": few}}, stacked),
    ("single", "CatBoost", {"CAT": few}, {}),
):
    label = np.where(score > 3, "high", "low") if name == "binary" else score
    problem_type = "binary" if name == "binary" else "regression"
    predictor = TabularPredictor("LABEL", problem_type, path=f"models/{name}", verbosity=0)
    predictor.fit(table.assign(LABEL=label), hyperparameters=families, **options)
    predictor.set_model_best(best, save_trainer=True)
rows(2, 20_000).to_pickle("table.pkl")
"""
# Without any cap but for the forests, whose threads add up their trees in any order.
REFERENCE = """
import hashlib, sys
import joblib, pandas as pd
from autogluon.tabular import TabularPredictor

predictor, table = TabularPredictor.load(sys.argv[1], verbosity=0), pd.read_pickle("table.pkl")
with joblib.parallel_config("sequential"):
    answers = predictor.predict_proba(table) if predictor.can_predict_proba else predictor.predict(table)
print(hashlib.sha256(answers.to_numpy("float64").tobytes()).hexdigest())
"""
# Every worker waits for the others; then it predicts, once for its processor time and once for its threads.
WORKER = """
import hashlib, json, os, pathlib, threading, time
from multiprocessing.pool import ThreadPool
import numpy as np, pandas as pd
import f

pools, make = [], ThreadPool.__init__
def noted(self, processes=None, *rest, **options):
    pools.append(processes)
    make(self, processes, *rest, **options)
ThreadPool.__init__ = noted

table = pd.read_pickle(TABLE).set_axis(range(3), axis=1)
f.handler(table.iloc[:8])
pathlib.Path(f"ready-{os.getpid()}").touch()
while len(list(pathlib.Path().glob("ready-*"))) < WORKERS:
    time.sleep(0.01)

of_process, of_thread = time.process_time(), time.thread_time()
for _ in range(3):
    answers = f.handler(table)
of_process, of_thread = time.process_time() - of_process, time.thread_time() - of_thread

most, done = 0, threading.Event()
before = len(os.listdir("/proc/self/task"))
def watch():
    global most
    while not done.wait(0.0005):
        most = max(most, len(os.listdir("/proc/self/task")) - before - 1)
watching = threading.Thread(target=watch)
watching.start()
f.handler(table)
done.set()
watching.join()

values = [list(answer.values()) if isinstance(answer, dict) else answer for answer in answers]
digest = hashlib.sha256(np.array(values, dtype="float64").tobytes()).hexdigest()
others = of_process - of_thread
print(json.dumps({"own": of_thread, "others": others, "more": most, "pools": sorted({*pools}), "digest": digest}))
"""

# As where Snowflake has `udf_init_once`: everything is loaded before the workers are forked.
FORKED = """
import hashlib, json, os, signal, sys, types
import numpy as np, pandas as pd

# libgomp waits for ever in a process that was forked from one with threads of its own.
signal.alarm(240)
module, registered = types.ModuleType("_snowflake"), []
module.udf_init_once = lambda work: registered.append(work) or work
sys.modules["_snowflake"] = module
import f

for work in registered:
    work()
table = pd.read_pickle(TABLE).set_axis(range(3), axis=1)
workers = []
for number in range(2):
    read, write = os.pipe()
    if os.fork() == 0:
        signal.alarm(240)
        answers = np.array(f.handler(table), dtype="float64")
        os.write(write, hashlib.sha256(answers.tobytes()).hexdigest().encode())
        os._exit(0)
    os.close(write)
    workers.append(os.fdopen(read))
print(json.dumps([len(registered), *(worker.read() for worker in workers)]))
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with predictors, and the interpreter that trained them."""
    folder = tmp_path_factory.mktemp("threads")
    python = environment(folder / "environment", "autogluon.tabular[catboost,lightgbm]==1.5.0", "typing-extensions")
    # By itself: what it needs besides is for graphics processors alone, and as large as everything else.
    command(sys.executable, "-m", "uv", "pip", "install", "--no-config", "--no-deps", "--python", python, "xgboost<3.2")
    command(python, "-W", "ignore", "-c", TRAIN, cwd=folder)
    return folder, python


def deploy(trained: tuple[Path, Path], folder: Path, name: str, threads: int) -> tuple[Path, Path]:
    """Stage the function `f`; returns the import directory and an empty one."""
    root, _ = trained
    imports, temporary = folder / "imports", folder / "tmp"
    imports.mkdir()
    temporary.mkdir()
    model = lock_model(ModelConfig(name=name, path=f"models/{name}"), root=root, state=root / ".snowbuild")
    for archive in model.archives:
        shutil.copy(archive_path(archive, root / ".snowbuild"), imports / archive.filename)
    one = function(
        "f",
        model=name,
        arguments=ARGUMENTS,
        threads=threads,
        returns="OBJECT" if name == "binary" else "FLOAT",
        output=Output.PROBABILITIES if name == "binary" else Output.PREDICTION,
    )
    stage(imports, render_functions(config(one), (), (model,), load_templates(NOWHERE), {}))
    return imports, temporary


def answers_of(trained: tuple[Path, Path], place: tuple[Path, Path], code: str, count: int) -> list[Any]:
    """What processes that start together print, each as JSON."""
    root, python = trained
    code = code.replace("TABLE", repr(str(root / "table.pkl"))).replace("WORKERS", str(count))
    processes = [start(*place, code, python=str(python)) for _ in range(count)]
    ends = [(process, *process.communicate(timeout=300)) for process in processes]
    assert not [err for process, _, err in ends if process.returncode]
    return [json.loads(out) for _, out, _ in ends]


def expected(trained: tuple[Path, Path], name: str) -> str:
    """The digest of what the predictor itself answers."""
    return command(trained[1], "-W", "ignore", "-c", REFERENCE, f"models/{name}", cwd=trained[0]).strip()


@pytest.mark.parametrize("name", ["regression", "binary", "single"])
def test_a_worker_computes_in_one_thread_and_answers_as_the_predictor_does(
    trained: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    digest = expected(trained, name)
    for worker in answers_of(trained, deploy(trained, tmp_path, name, 1), WORKER, WORKERS):
        assert worker["digest"] == digest
        assert (worker["more"], worker["pools"]) == (0, [])
        assert worker["others"] <= 0.02 * worker["own"] + 0.02


@pytest.mark.parametrize("name", ["regression", "binary"])
def test_a_worker_computes_in_as_many_threads_as_it_may(trained: tuple[Path, Path], tmp_path: Path, name: str) -> None:
    for worker in answers_of(trained, deploy(trained, tmp_path, name, 2), WORKER, WORKERS):
        assert worker["pools"] == [2]
        assert worker["others"] > 0


def test_workers_that_are_forked_from_a_loaded_one_answer(trained: tuple[Path, Path], tmp_path: Path) -> None:
    digest = expected(trained, "regression")
    assert answers_of(trained, deploy(trained, tmp_path, "regression", 1), FORKED, 1) == [[1, digest, digest]]
