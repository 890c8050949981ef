"""Kinds of sub-models, and the distributions that they cannot do without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.distribution import Distribution
    from snowbuild.models.values import Model

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
"""AutoGluon's key of a family → the normalized name of what it imports; the others need scikit-learn alone."""

EXTRAS = {"pytabkit": "realmlp", "interpret-core": "interpret", "einx": "mitra"}
"""Distribution → the extra of autogluon.tabular that brings it, where that has another name."""

WITHOUT_EXTRA = frozenset({"torch"})
"""Distributions that no extra brings alone."""


def missing_families(model: Model, distributions: tuple[Distribution, ...]) -> tuple[Problem, ...]:
    """Sub-models in use whose distribution is not locked; empty for a model without a description. Pure."""
    description = model.facts.description
    if description is None:
        return ()
    locked = {d.name for d in distributions}
    problems = []
    for distribution in sorted({NEEDS[f] for f in description.families if f in NEEDS} - locked):
        users = [s.name for s in description.sub_models if s.used and NEEDS.get(s.family) == distribution]
        line = _requirement(distribution, model.facts.framework_version)
        problems.append(
            Problem(
                message=f"predicts with {', '.join(users)}, and no requirement brings {distribution}",
                where=f"models.{model.name}",
                hint=f'add "{line}" to dependencies.requirements and run `snowbuild lock`',
            )
        )
    return tuple(problems)


def unused_families(models: Iterable[Model], distributions: tuple[Distribution, ...]) -> tuple[Problem, ...]:
    """Distributions that are locked for families that no model predicts with; notes. Pure.

    Nothing is said where a model has no description: it may need any of them.
    """
    descriptions = [model.facts.description for model in models]
    known = [d for d in descriptions if d is not None]
    if not known or len(known) < len(descriptions):
        return ()
    needed = {NEEDS[f] for d in known for f in d.families if f in NEEDS}
    # What something else than AutoGluon asks for is not there for a family.
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


def _requirement(distribution: str, version: str | None) -> str:
    if distribution in WITHOUT_EXTRA:
        return distribution
    pin = "" if version is None else f"=={version}"
    return f"autogluon.tabular[{EXTRAS.get(distribution, distribution)}]{pin}"
