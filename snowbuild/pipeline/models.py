"""The model step: every model that snowbuild.toml names, as it is here or as it was locked."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from snowbuild.config.values import Framework
from snowbuild.environments.build import build_environment, write_pylock
from snowbuild.environments.script import run_script
from snowbuild.environments.scripts import OPTIMIZE
from snowbuild.errors import ModelError, Problem
from snowbuild.models import (
    check,
    check_facts,
    describe_model,
    lock_model,
    lock_optimized,
    misfits,
    missing_model,
    requiring,
    suspected_families,
    unused_families,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from snowbuild.config.values import Config, ModelConfig
    from snowbuild.distribution import Distribution
    from snowbuild.lock.values import Lock
    from snowbuild.models.values import Model, ModelFacts

    Optimize = Callable[[ModelConfig, ModelFacts, Path], None]


def lock_models(
    config: Config, previous: Lock | None, optimize: Optimize | None, *, keep: bool = True
) -> tuple[tuple[Model, ...], tuple[Problem, ...], tuple[Problem, ...]]:
    """Lock the models that are here; keep the last lock of one that is not, because its bytes may be on the stage.

    With the problems of those that are neither, and notes. Without `optimize`, a model that would have to be optimized
    again is locked as it is, which is another one. Without `keep`, what the last lock holds is not preferred.
    """
    before = {(m.name, m.path): m for m in (previous.models if previous else ())}
    models: list[Model] = []
    absent: list[Problem] = []
    notes: list[Problem] = []
    for model in config.models:
        if (config.root / model.path).exists() or (config.root / model.path).is_symlink():
            known = before.get((model.name, model.path)) if keep else None
            locked = _lock_model(config, model, known, optimize, notes.append)
            described, note = describe_model(locked, root=config.root, state=config.state)
            models.append(described)
            notes += note
        elif (model.name, model.path) in before:
            models.append(before[model.name, model.path])
        else:
            absent += missing_model(model, config.root).problems
    return tuple(models), tuple(absent), tuple(notes)


def _lock_model(
    config: Config,
    model: ModelConfig,
    previous: Model | None,
    optimize: Optimize | None,
    notice: Callable[[Problem], None],
) -> Model:
    if model.optimize is None:
        return lock_model(model, root=config.root, state=config.state, notice=notice)
    return lock_optimized(model, root=config.root, state=config.state, previous=previous, optimize=optimize)


def optimize_model(
    config: Config,
    distributions: tuple[Distribution, ...],
    previous: Lock | None,
    model: ModelConfig,
    facts: ModelFacts,
    target: Path,
) -> None:
    """Make `target` out of a predictor in the environment that it will be served from.

    Raises:
        ModelError: it cannot be served from there, as its facts tell before it is loaded, or cannot be loaded.
        EnvironmentBuildError, DigestMismatchError: as `build_environment`.
    """
    if problems := check_facts(model.name, facts, distributions, config.runtime):
        raise ModelError.of(problems)
    folder, lockfile = config.state / "environments", config.lock_path
    if previous is None or previous.distributions != distributions:
        # The lockfile that belongs to them is written when its models are known.
        folder.mkdir(parents=True, exist_ok=True)
        lockfile = folder / "pylock.optimize.toml"
        write_pylock(distributions, config.root, lockfile)
    environment = build_environment(folder, python=config.runtime.version, lockfile=lockfile)
    run_script(
        OPTIMIZE,
        environment,
        [str(config.root / model.path), str(target), "{}"],
        where=model.path,
        requiring=partial(requiring, version=facts.framework_version),
    )


def refuse_to_optimize(model: ModelConfig, _: ModelFacts, __: Path) -> None:
    """Stands in for `optimize_model` where no model may be loaded.

    Raises:
        ModelError: says what to do.
    """
    raise ModelError(
        "has to be loaded to be optimized for deployment, and planning loads no model",
        where=model.path,
        hint="run `snowbuild lock`",
    )


def unfit(config: Config, distributions: tuple[Distribution, ...], models: tuple[Model, ...]) -> tuple[Problem, ...]:
    """Models that cannot be served from the distributions, and functions that do not fit their model."""
    of_models = (p for m in models for p in check(m, distributions, config.runtime))
    return (*of_models, *misfits(config.functions, models))


def advice(config: Config, distributions: tuple[Distribution, ...], models: tuple[Model, ...]) -> tuple[Problem, ...]:
    """Notes on distributions that no function needs, and on those that a model without a description may need."""
    suspected = (
        p
        for m in models
        if m.facts.framework is Framework.AUTOGLUON
        for p in suspected_families(m.name, m.facts, _sub_models(config.root / m.path), distributions)
    )
    # A handler of the user's own may need any distribution.
    unused = unused_families(models, distributions) if all(f.handler is None for f in config.functions) else ()
    return (*suspected, *unused)


def _sub_models(predictor: Path) -> tuple[str, ...]:
    # A model that is not here any longer has nothing to look at.
    with suppress(OSError):
        return tuple(path.name for path in (predictor / "models").iterdir() if path.is_dir())
    return ()
