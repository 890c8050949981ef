"""Does a model fit the distributions and the runtime that serve it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from snowbuild.config import Framework
from snowbuild.errors import Problem
from snowbuild.models.families import missing_families

if TYPE_CHECKING:
    from snowbuild.distribution import Distribution
    from snowbuild.models.values import Model, ModelFacts
    from snowbuild.runtime import Runtime

AUTOGLUON = "autogluon-tabular"
RETRAIN = "retrain with `snowbuild run -- python train.py`"


def check(model: Model, distributions: tuple[Distribution, ...], runtime: Runtime) -> tuple[Problem, ...]:
    """Compare a model with the resolved distributions and the runtime; empty if it can be served. Pure."""
    return check_facts(model.name, model.facts, distributions, runtime)


def check_facts(
    name: str, facts: ModelFacts, distributions: tuple[Distribution, ...], runtime: Runtime
) -> tuple[Problem, ...]:
    """Like `check`, for a model that is not locked yet.

    AutoGluon refuses to load a predictor of another version, or of another minor version of Python.
    """
    problems = []
    where = f"models.{name}"
    trained, resolved = facts.framework_version, _resolved(distributions)
    if facts.framework is Framework.AUTOGLUON and trained is not None:
        requirement = f"autogluon.tabular=={trained}"
        if resolved is None:
            problems.append(
                Problem(
                    message=f"trained with AutoGluon {trained}, but no requirement brings autogluon.tabular",
                    where=where,
                    hint=f"add the requirement {requirement} and run `snowbuild lock`",
                )
            )
        elif Version(trained) != Version(resolved):
            problems.append(
                Problem(
                    message=f"trained with AutoGluon {trained}, but would be served with {resolved}",
                    where=where,
                    hint=f"change the requirement to {requirement} and run `snowbuild lock`, or {RETRAIN}",
                )
            )
    if facts.python not in (None, runtime.version):
        problems.append(
            Problem(
                message=f"trained with Python {facts.python}, but would be served with {runtime.version}",
                where=where,
                hint=f'set runtime.python = "{facts.python}" and run `snowbuild lock`, or {RETRAIN}',
            )
        )
    return (*problems, *missing_families(name, facts, distributions))


def _resolved(distributions: tuple[Distribution, ...]) -> str | None:
    return next((d.version for d in distributions if d.name == AUTOGLUON), None)
