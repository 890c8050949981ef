"""What the workers of one function share, and what keeps each of them to its threads.

Small libraries stand in for AutoGluon and what it predicts with; the real ones are in test_threads.py.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from snowbuild.models import Description, ProblemType
from snowbuild.models.description import SubModel
from snowbuild.render import load_templates, render_functions
from tests.render.support import NOWHERE, config, function, model, packed_model, run, stage, staged, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.models import Model

# Answers with AGE, and with what its libraries were asked for.
STAND_IN = """
import catboost, torch


class TabularPredictor:
    problem_type = "regression"

    @classmethod
    def load(cls, path, **options):
        return cls()

    def persist(self, max_memory):
        self.loaded_in = __import__("os").getpid()

    def predict(self, frame):
        self.threads = [
            catboost.CatBoostRegressor().predict(frame),
            catboost.CatBoostClassifier().predict(frame, prediction_type="RawFormulaVal"),
            catboost.CatBoostClassifier().predict_proba(frame),
        ]
        for number in (1, 8):
            torch.set_num_threads(number)
            self.threads.append(torch.threads)
        return frame["AGE"]
"""
CATBOOST = """
class CatBoost:
    def predict(self, data, prediction_type="RawFormulaVal", ntree_start=0, ntree_end=0, thread_count=-1):
        return thread_count


class CatBoostClassifier(CatBoost):
    def predict(self, data, prediction_type="Class", ntree_start=0, ntree_end=0, thread_count=-1):
        return thread_count

    def predict_proba(self, X, ntree_start=0, ntree_end=0, thread_count=-1):
        return thread_count


class CatBoostRegressor(CatBoost):
    def predict(self, data, prediction_type=None, ntree_start=0, ntree_end=0, thread_count=-1):
        return thread_count
"""
TORCH = """
def set_num_threads(number):
    global threads
    threads = number
"""
JOBLIB = """
from contextlib import nullcontext as parallel_config


class parallel:
    class ThreadingBackend:
        pass
"""
CHANGED = "class CatBoostClassifier:\n    pass\n"
"""A CatBoost that looks different."""


def described(plain: Model, *families: str) -> Model:
    """A model that is known to predict with families."""
    description = Description(
        problem_type=ProblemType.REGRESSION,
        label="CHARGES",
        sub_models=tuple(SubModel(name=family, family=family, used=True) for family in families),
    )
    return replace(plain, facts=replace(plain.facts, description=description))


def deploy(folder: Path, *, threads: int = 1, autogluon: str = STAND_IN, catboost: str = CATBOOST) -> Path:
    """Stage the function `f` and what it imports; returns the import directory."""
    imports = folder / "imports"
    imports.mkdir()
    wheels = {
        "autogluon.tabular-1.5.0-py3-none-any.whl": {"autogluon/tabular/__init__.py": autogluon},
        "catboost-1.2.0-py3-none-any.whl": {"catboost.py": catboost},
        "joblib-1.4.2-py3-none-any.whl": {"joblib.py": JOBLIB},
        "threadpoolctl-3.6.0-py3-none-any.whl": {"threadpoolctl.py": "def threadpool_limits(limits):\n    pass\n"},
        "torch-2.6.0-py3-none-any.whl": {"torch.py": TORCH},
    }
    distributions = tuple(staged(name, zipped(imports / name, files)) for name, files in wheels.items())
    packed = packed_model(imports, {"predictor.pkl": ""})
    one = function("f", "autogluon_scalar.py.j2", threads=threads)
    stage(imports, render_functions(config(one), distributions, (packed,), load_templates(NOWHERE), {}))
    return imports


ASK = "import f\nf.handler(19, 27.5, 0, 1, 'southwest', 'female')\nprint(f.PREDICTOR.threads)"


@pytest.mark.integration
@pytest.mark.parametrize("threads", [1, 2])
def test_libraries_that_choose_their_threads_are_capped(tmp_path: Path, threads: int) -> None:
    imports = deploy(tmp_path, threads=threads)
    assert run(imports, tmp_path / "tmp", ASK) == str([threads, threads, threads, 1, threads])


@pytest.mark.integration
def test_libraries_that_are_not_there_or_look_different_are_left_alone(tmp_path: Path) -> None:
    autogluon = STAND_IN.replace("import catboost, torch", "import catboost").partition("        self.threads")[0]
    imports = deploy(tmp_path, autogluon=autogluon + '        return frame["AGE"]\n', catboost=CHANGED)
    code = "import f, sys\nprint(f.handler(19, 27.5, 0, 1, 'southwest', 'female'), 'torch' in sys.modules)"
    assert run(imports, tmp_path / "tmp", code) == "19.0 False"


@pytest.mark.parametrize(
    ("families", "capped"),
    [
        (None, ["catboost", "torch"]),
        (("RF", "XT", "KNN", "GBM", "XGB"), []),
        (("RF", "CAT"), ["catboost"]),
        (("REALMLP",), ["torch"]),
        (("TABICL", "NN_TORCH"), ["torch"]),
    ],
)
@pytest.mark.parametrize("threads", [1, 2])
def test_only_what_the_model_predicts_with_is_capped(
    families: tuple[str, ...] | None, capped: list[str], threads: int
) -> None:
    known = model() if families is None else described(model(), *families)
    (rendered,) = render_functions(config(function(threads=threads)), (), (known,), load_templates(NOWHERE), {})
    text = rendered.modules[0].data.decode()
    compile(text, "f.py", "exec")
    assert [name for name in ("catboost", "torch") if name in text] == capped
    assert ("functools" in text) == ("catboost" in capped)


# What Snowflake does where it has `udf_init_once`: it imports the module, calls what was registered, and forks.
FORK = """
import json, os, sys, types

module, registered = types.ModuleType("_snowflake"), []
def udf_init_once(work):
    REGISTER
    return work
module.udf_init_once = udf_init_once
sys.modules["_snowflake"] = module

import f
answers = []
for work in registered:
    answers.append(work())
for age in (19, 40):
    read, write = os.pipe()
    if os.fork() == 0:
        answer = f.handler(age, 27.5, 0, 1, "southwest", "female")
        os.write(write, json.dumps([answer, f.PREDICTOR.loaded_in, os.getpid()]).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as file:
        answers.append(json.load(file))
    os.wait()
print(json.dumps([os.getpid(), *answers]))
"""


@pytest.mark.integration
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, as Snowflake has it")
def test_workers_share_what_was_loaded_before_them(tmp_path: Path) -> None:
    imports = deploy(tmp_path)
    code = FORK.replace("REGISTER", "registered.append(work)")
    parent, before, *workers = json.loads(run(imports, tmp_path / "tmp", code))
    assert before is None
    assert [[answer, loaded_in] for answer, loaded_in, _ in workers] == [[19, parent], [40, parent]]
    assert len({parent, *(process for _, _, process in workers)}) == 3


@pytest.mark.integration
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, as Snowflake has it")
@pytest.mark.parametrize("refusal", ["raise RuntimeError('not enabled for this account')", "raise NotImplementedError"])
def test_a_preview_that_is_refused_costs_nothing(tmp_path: Path, refusal: str) -> None:
    imports = deploy(tmp_path)
    _, *workers = json.loads(run(imports, tmp_path / "tmp", FORK.replace("REGISTER", refusal)))
    assert [answer for answer, _, _ in workers] == [19, 40]


@pytest.mark.integration
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, as Snowflake has it")
def test_nothing_is_shared_where_libraries_have_threads(tmp_path: Path) -> None:
    # OpenMP's threads do not survive a fork: a real predictor would wait for them for ever.
    imports = deploy(tmp_path, threads=2)
    _, *answers = json.loads(run(imports, tmp_path / "tmp", FORK.replace("REGISTER", "registered.append(work)")))
    assert [answer for answer, _, _ in answers] == [19, 40]
