"""What is said of the models of a project, beside their locks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Config, ModelConfig, Optimization
from snowbuild.distribution import Distribution, Rule, Source
from snowbuild.errors import ModelError
from snowbuild.models import Description, ProblemType, tree_digest, write_description
from snowbuild.models.description import SubModel
from snowbuild.pipeline.models import advice, lock_models, optimize_model
from snowbuild.runtime import Architecture, Runtime
from tests.models.predictors import predictor

if TYPE_CHECKING:
    from pathlib import Path


def project(folder: Path, *models: ModelConfig) -> Config:
    runtime = Runtime.parse("3.11", Architecture.X86_64)
    return Config(path=folder / "snowbuild.toml", name="p", runtime=runtime, models=models)


LINE = 'hint: add "autogluon.tabular[lightgbm]==1.5.0" to dependencies.requirements and run `snowbuild lock`'
AUTOGLUON = Distribution(name="autogluon-tabular", version="1.5.0", source=Source.STAGE, rule=Rule.STAGE)
BOOSTED = Description(
    problem_type=ProblemType.REGRESSION, label="Y", sub_models=(SubModel(name="LightGBM", family="GBM", used=True),)
)


def test_what_a_description_tells_is_told_before_a_model_is_loaded(tmp_path: Path) -> None:
    model = ModelConfig(name="m", path="m", optimize=Optimization.DEPLOYMENT)
    folder = predictor(tmp_path / "m")
    write_description(folder, BOOSTED, tree_sha256=tree_digest(folder))
    config = project(tmp_path, model)
    with pytest.raises(ModelError) as error:
        lock_models(config, None, partial(optimize_model, config, (AUTOGLUON,), None))
    assert str(error.value) == f"models.m: predicts with LightGBM, but no requirement brings lightgbm\n{LINE}"
    assert not (tmp_path / ".snowbuild" / "environments").exists()


def test_a_model_without_a_description_may_need_more(tmp_path: Path) -> None:
    (predictor(tmp_path / "m") / "models" / "LightGBM").mkdir()
    config = project(tmp_path, ModelConfig(name="m", path="m"), ModelConfig(name="gone", path="gone"))
    models, _, _ = lock_models(config, None, None)
    gone = replace(models[0], name="gone", path="gone")
    assert list(map(str, advice(config, (AUTOGLUON,), (*models, gone)))) == [
        f"models.m: may predict with LightGBM, but no requirement brings lightgbm\n{LINE}"
    ]


def test_files_that_are_one_where_case_is_ignored_are_noted(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a").write_bytes(b"1")
    if (tmp_path / "m" / "A").exists():
        pytest.skip("this file system ignores case")
    (tmp_path / "m" / "A").write_bytes(b"2")
    models, absent, notes = lock_models(project(tmp_path, ModelConfig(name="m", path="m")), None, None)
    assert ([m.name for m in models], absent) == (["m"], ())
    assert list(map(str, notes)) == ["models.m.path: A and a are one file on a system that ignores case"]
