"""A model has to fit what it is served from; the ways out are told."""

from __future__ import annotations

import pytest

from snowbuild.config import Framework
from snowbuild.distribution import Distribution, Rule, Source
from snowbuild.models import Archive, Model, ModelFacts, check
from snowbuild.runtime import Runtime

RUNTIME = Runtime(python=(3, 11, 9))
AUTOGLUON = Distribution(name="autogluon-tabular", version="1.5.0", source=Source.STAGE, rule=Rule.STAGE)


def model(version: str | None = "1.5.0", python: str | None = "3.11", framework: str = "autogluon") -> Model:
    """A model of which only the facts matter."""
    return Model(
        name="expense",
        path="models/expense",
        tree_sha256="0" * 64,
        archives=(Archive(filename="expense.zip", sha256="1" * 64, size=1),),
        facts=ModelFacts(framework=Framework(framework), framework_version=version, python=python),
    )


@pytest.mark.parametrize(
    "fitting", [model(), model("1.5"), model(python=None), model(None, None, "generic"), model(None, "3.11", "generic")]
)
def test_a_model_that_fits(fitting: Model) -> None:
    assert check(fitting, (AUTOGLUON,), RUNTIME) == ()


def test_a_generic_model_needs_no_autogluon() -> None:
    assert check(model(None, None, "generic"), (), RUNTIME) == ()


def test_another_autogluon_and_another_python() -> None:
    assert [str(problem) for problem in check(model("1.4.0", "3.12"), (AUTOGLUON,), RUNTIME)] == [
        "models.expense: trained with AutoGluon 1.4.0, but would be served with 1.5.0\n"
        "hint: change the requirement to autogluon.tabular==1.4.0 and run `snowbuild lock`, "
        "or retrain with `snowbuild run -- python train.py`",
        "models.expense: trained with Python 3.12, but would be served with 3.11\n"
        'hint: set runtime.python = "3.12" and run `snowbuild lock`, '
        "or retrain with `snowbuild run -- python train.py`",
    ]


def test_no_autogluon_at_all() -> None:
    assert [str(problem) for problem in check(model(), (), RUNTIME)] == [
        "models.expense: trained with AutoGluon 1.5.0, but no requirement brings autogluon.tabular\n"
        "hint: add the requirement autogluon.tabular==1.5.0 and run `snowbuild lock`"
    ]
