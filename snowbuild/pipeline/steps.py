"""The steps in their order: load → resolve → compile → inspect → render → lock.

A step whose inputs have not changed since the last lock is skipped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from snowbuild import __version__
from snowbuild.codec import encode
from snowbuild.config.requirements import LocalWheelPath
from snowbuild.config.values import Service
from snowbuild.digest import sha256_bytes, sha256_plain
from snowbuild.errors import ModelError, Problem, RenderError, StaleLockError
from snowbuild.lock.values import Inputs, Lock, LockedFunction, LockedModule
from snowbuild.pipeline.bytecode import is_settled, with_bytecode
from snowbuild.pipeline.grammar import check_grammar
from snowbuild.pipeline.inputs import DistributionInputs
from snowbuild.pipeline.models import advice, lock_models, optimize_model, refuse_to_optimize, unfit
from snowbuild.render import handler_paths, load_templates, render_functions
from snowbuild.resolve import resolve
from snowbuild.resolve.redact import without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from snowbuild.config.values import Config
    from snowbuild.distribution import Distribution
    from snowbuild.models.values import Model
    from snowbuild.render.values import RenderedFunction
    from snowbuild.resolve import ResolveRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """Which versions of the last lock are no longer preferred."""

    everything: bool = False
    names: tuple[str, ...] = ()
    """Normalized."""

    def preferred(self, previous: Lock | None) -> dict[str, str]:
        """Name → version of what should stay, if possible."""
        return {d.name: d.service_version or d.version for d in self.kept(previous)}

    def kept(self, previous: Lock | None) -> tuple[Distribution, ...]:
        """Distributions of the last lock to reuse if they still fit."""
        if previous is None or self.everything:
            return ()
        return tuple(d for d in previous.distributions if d.name not in self.names)

    def __bool__(self) -> bool:
        return self.everything or bool(self.names)


class ModelAccess(Enum):
    """What locking may do with the models."""

    NONE = auto()
    """Nothing: reuse those of the last lock. One that no longer fits is left out, so that it does not prevent training
    its successor."""
    READ = auto()
    """Hash and pack their files. Planning does no more, because loading a pickle runs code."""
    LOAD = auto()
    """Load them in the locked environment as well, to optimize them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """A lock, and remarks about it."""

    lock: Lock
    absent: tuple[Problem, ...]
    """Models that are not trained yet; the lock leaves out their functions."""
    notes: tuple[Problem, ...] = ()
    """Remarks that are not errors."""


def make_lock(
    config: Config,
    previous: Lock | None,
    *,
    cache: Callable[[], Path],
    upgrade: Upgrade,
    access: ModelAccess = ModelAccess.LOAD,
) -> Locked:
    """Make the lock for the configuration, reusing the last one where it still applies.

    Args:
        config: As loaded.
        previous: The last lock.
        cache: Gives the folder for index pages and metadata; called only if something is resolved.
        upgrade: What is no longer preferred.
        access: What may be done with the models.

    Raises:
        ConfigError, ResolutionError, ModelError, RenderError: as the steps do.
    """
    inputs = DistributionInputs(config, upgrade.preferred(previous))
    distributions, requirements = _distributions(config, previous, inputs, cache=cache, upgrade=upgrade)
    models, absent, notes = _models(config, previous, distributions, access=access, keep=not upgrade.everything)
    functions = _function_inputs(config, distributions, models)
    if previous and previous.inputs.functions == functions:
        modules, locked = previous.modules, previous.functions
    else:
        rendered = render(config, distributions, models)
        check_grammar(rendered, config.runtime)
        modules, locked = _rendered(rendered)
    lock = Lock(
        project=config.name,
        inputs=Inputs(distributions=inputs.digest, functions=functions),
        python=config.runtime.full_version,
        architecture=config.runtime.architecture.value,
        service=config.packages.service,
        repository=config.packages.repository if config.packages.service is Service.REPOSITORY else None,
        requirements=requirements,
        distributions=distributions,
        models=models,
        modules=modules,
        functions=locked,
    )
    return Locked(lock=lock, absent=absent, notes=(*config.notes, *notes))


def _distributions(
    config: Config,
    previous: Lock | None,
    inputs: DistributionInputs,
    *,
    cache: Callable[[], Path],
    upgrade: Upgrade,
) -> tuple[tuple[Distribution, ...], tuple[str, ...]]:
    """The distributions, and the requirements behind them."""
    if previous and previous.inputs.distributions == inputs.digest and not upgrade:
        distributions, requirements = previous.distributions, previous.requirements
    else:
        distributions, requirements = resolve(inputs.request, cache=cache()), _roots(inputs.request)
    return with_bytecode(config, distributions, upgrade.kept(previous)), requirements


def _models(
    config: Config,
    previous: Lock | None,
    distributions: tuple[Distribution, ...],
    *,
    access: ModelAccess,
    keep: bool,
) -> tuple[tuple[Model, ...], tuple[Problem, ...], tuple[Problem, ...]]:
    """The models, the problems of those that are not trained yet, and notes."""
    if access is ModelAccess.NONE:
        known = previous.models if previous else ()
        return tuple(m for m in known if not unfit(config, distributions, (m,))), (), ()
    can_load = access is ModelAccess.LOAD
    optimize = partial(optimize_model, config, distributions, previous) if can_load else refuse_to_optimize
    models, absent, notes = lock_models(config, previous, optimize, keep=keep)
    if problems := unfit(config, distributions, models):
        raise ModelError.of(problems)
    return models, absent, (*notes, *advice(config, distributions, models))


def check_fresh(config: Config, lock: Lock) -> tuple[Problem, ...]:
    """Compare a lock with its inputs; makes nothing and queries no index.

    Returns:
        The notes of `make_lock`.

    Raises:
        StaleLockError: names each part that is out of date.
    """
    stale = []
    if lock.inputs.distributions != DistributionInputs(config).digest:
        stale.append("the requirements, the runtime or the package service's content has changed")
    if not all(is_settled(config, d) for d in lock.distributions):
        stale.append("runtime.bytecode has changed")
    models, _, notes = lock_models(config, lock, None)
    stale += [f"model {m.name} has changed" for m in models if m not in lock.models]
    stale += [f"model {m.name} was removed" for m in lock.models if m.name not in {n.name for n in models}]
    if not stale and lock.inputs.functions != _function_inputs(config, lock.distributions, models):
        stale.append("a function, a template or a handler has changed")
    if stale:
        raise StaleLockError.of(
            Problem(
                where=config.lock_path.name,
                message=f"out of date: {what} since it was locked",
                hint="run `snowbuild lock`",
            )
            for what in stale
        )
    return (*config.notes, *notes, *advice(config, lock.distributions, models))


def render(
    config: Config, distributions: tuple[Distribution, ...], models: tuple[Model, ...]
) -> tuple[RenderedFunction, ...]:
    """Render the modules of all functions whose models exist."""
    return render_functions(
        config, distributions, models, templates=load_templates(config.root), handlers=_handlers(config)
    )


def _roots(request: ResolveRequest) -> tuple[str, ...]:
    # From the request, not from snowbuild.toml: what does not count as a change there must not change the lock.
    wheels = (LocalWheelPath(w.path, w.extras) for w in request.local_wheels)
    return tuple(sorted({*map(without_credentials, request.requirements), *map(str, wheels)}))


def _function_inputs(config: Config, distributions: tuple[Distribution, ...], models: Collection[Model]) -> str:
    plain = [
        # Another version of snowbuild may render a template differently.
        __version__,
        config.name,
        config.runtime.full_version,
        # Tests and grants are not rendered.
        [encode(replace(f, tests=(), grants=())) for f in config.functions],
        [[d.name, f.filename, f.sha256] for d in distributions if (f := d.staged_file)],
        [encode(m) for m in models],
        load_templates(config.root).sha256,
        {path: sha256_bytes(data) for path, data in _handlers(config).items()},
    ]
    return sha256_plain(plain)


def _handlers(config: Config) -> dict[str, bytes]:
    """The users' own modules, by their path in snowbuild.toml."""
    try:
        return {path: (config.root / path).read_bytes() for path in handler_paths(config)}
    except OSError as exc:
        raise RenderError(f"cannot be read: {exc.strerror}", where=str(exc.filename)) from exc


def _rendered(functions: tuple[RenderedFunction, ...]) -> tuple[tuple[LockedModule, ...], tuple[LockedFunction, ...]]:
    modules = {
        m.filename: LockedModule(
            filename=m.filename,
            sha256=m.sha256,
            size=len(m.data),
            template=m.template,
            template_sha256=m.template_sha256,
        )
        for f in functions
        for m in f.modules
    }
    locked = (
        LockedFunction(name=f.name, handler=f.handler, modules=tuple(m.filename for m in f.modules)) for f in functions
    )
    return tuple(modules[name] for name in sorted(modules)), tuple(sorted(locked, key=lambda f: f.name))
