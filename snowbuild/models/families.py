"""Kinds of sub-models, and the distributions that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.distribution import Distribution
    from snowbuild.models.values import Model, ModelFacts

NEEDS = {
    "GBM": "lightgbm",
    "GBM_PREP": "lightgbm",
    "CAT": "catboost",
    "XGB": "xgboost",
    "NN_TORCH": "torch",
    "FASTAI": "fastai",
    "TABM": "torch",
    "REALMLP": "pytabkit",
    "EBM": "interpret-core",
    "TABICL": "tabicl",
    "TABDPT": "tabdpt",
    "TABPFNV2": "tabpfn",
    "REALTABPFN-V2": "tabpfn",
    "REALTABPFN-V2.5": "tabpfn",
    "MITRA": "einx",
    "FT_TRANSFORMER": "torch",
    "IM_RULEFIT": "imodels",
    "IM_GREEDYTREE": "imodels",
    "IM_BOOSTEDRULES": "imodels",
    "IM_HSTREE": "imodels",
    "IM_FIGS": "imodels",
}
"""AutoGluon's key of a family → the normalized name of what it imports; other families only need scikit-learn."""

EXTRAS = {"pytabkit": "realmlp", "interpret-core": "interpret", "einx": "mitra"}
"""Distribution → the extra of autogluon.tabular that brings it, if its name differs."""

WITHOUT_EXTRA = frozenset({"torch"})
"""Distributions that no extra brings by themselves."""

MODULES = {"interpret": "interpret-core"}
"""Module → the distribution that it is imported from, if its name differs."""

USUAL_NAMES = {
    "LightGBM": "lightgbm",
    "CatBoost": "catboost",
    "XGBoost": "xgboost",
    "NeuralNetTorch": "torch",
    "NeuralNetFastAI": "fastai",
}
"""What AutoGluon's names of sub-models begin with → what these import."""


def missing_families(name: str, facts: ModelFacts, distributions: tuple[Distribution, ...]) -> tuple[Problem, ...]:
    """Sub-models in use whose distribution is not locked; empty for a model without a description. Pure."""
    description = facts.description
    if description is None:
        return ()
    locked = {d.name for d in distributions}
    problems = []
    for distribution in sorted({NEEDS[f] for f in description.families if f in NEEDS} - locked):
        users = [s.name for s in description.sub_models if s.used and NEEDS.get(s.family) == distribution]
        problems.append(
            Problem(
                message=f"predicts with {', '.join(users)}, but no requirement brings {distribution}",
                where=f"models.{name}",
                hint=_addition(distribution, facts.framework_version),
            )
        )
    return tuple(problems)


def suspected_families(
    name: str, facts: ModelFacts, sub_models: Iterable[str], distributions: tuple[Distribution, ...]
) -> tuple[Problem, ...]:
    """Sub-models that, by their names, seem to need a distribution that is not locked; notes. Pure.

    For a model without a description: it is not known which of its sub-models predictions need, and what these import.
    """
    if facts.description is not None:
        return ()
    users: dict[str, list[str]] = {}
    for sub_model in sorted(sub_models):
        for beginning, distribution in USUAL_NAMES.items():
            if sub_model.startswith(beginning):
                users.setdefault(distribution, []).append(sub_model)
    locked = {d.name for d in distributions}
    return tuple(
        Problem(
            message=f"may predict with {' or '.join(users[distribution])}, but no requirement brings {distribution}",
            where=f"models.{name}",
            hint=_addition(distribution, facts.framework_version),
        )
        for distribution in sorted(users.keys() - locked)
    )


def requiring(module: str, version: str | None) -> str | None:
    """The hint for a module that is missing when a predictor is loaded; None if no family needs it. Pure.

    Args:
        module: The first part of its name, such as `lightgbm`.
        version: AutoGluon's.
    """
    distribution = MODULES.get(module, module)
    return _addition(distribution, version) if distribution in NEEDS.values() else None


def unused_families(models: Iterable[Model], distributions: tuple[Distribution, ...]) -> tuple[Problem, ...]:
    """Distributions that are locked for families with which no model predicts; notes. Pure.

    Empty if a model has no description, because it may need any of them.
    """
    descriptions = [model.facts.description for model in models]
    known = [d for d in descriptions if d is not None]
    if not known or len(known) < len(descriptions):
        return ()
    needed = {NEEDS[f] for d in known for f in d.families if f in NEEDS}
    # What something other than AutoGluon requires is not there for a family.
    own = {d.name: d for d in distributions if all(name.startswith("autogluon") for name in d.required_by)}
    return tuple(
        Problem(
            message=f"no model predicts with {name}, which is locked",
            where="dependencies.requirements",
            hint=_removal(own[name]),
        )
        for name in sorted((own.keys() & set(NEEDS.values())) - needed)
    )


def _removal(distribution: Distribution) -> str:
    name = distribution.name
    if not distribution.required_by:
        return f"remove the requirement {name}, unless a handler of yours needs it"
    return f"remove the extra {EXTRAS.get(name, name)} of autogluon.tabular, or add {name} to exclude"


def _addition(distribution: str, version: str | None) -> str:
    pin = "" if version is None else f"=={version}"
    extra = f"autogluon.tabular[{EXTRAS.get(distribution, distribution)}]{pin}"
    line = distribution if distribution in WITHOUT_EXTRA else extra
    return f'add "{line}" to dependencies.requirements and run `snowbuild lock`'
