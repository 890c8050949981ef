"""Distributions with their sources, the wheel that goes on the stage, and the policy on compiled code. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from snowbuild.config.values import NativeWheels, Service
from snowbuild.distribution import Distribution, Source
from snowbuild.errors import Problem, ResolutionError
from snowbuild.resolve.sources import Placement, is_staged_by_name, place
from snowbuild.runtime import Architecture
from snowbuild.wheels.filename import Fit, parse_wheel_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from snowbuild.resolve.values import Resolved, ResolveRequest
    from snowbuild.wheels.filename import WheelName


def assemble(resolved: Iterable[Resolved], request: ResolveRequest) -> tuple[Distribution, ...]:
    """Make the final distributions; sorted by name.

    Raises:
        ResolutionError: wheels with compiled code would go on the stage although `native-wheels` denies them.
    """
    resolved = tuple(sorted(resolved, key=lambda d: d.name))
    distributions = _distributions(resolved, request)
    if denied := _denied(distributions, request):
        chains = requirement_chains(resolved)
        compiled = {r.name: r.compiled for r in resolved}
        raise ResolutionError.of(_refusal(d, compiled[d.name], chains[d.name], request) for d in denied)
    return distributions


def refused(resolved: Iterable[Resolved], request: ResolveRequest) -> tuple[str, ...]:
    """The names for which `assemble` would raise; sorted."""
    return tuple(sorted(d.name for d in _denied(_distributions(resolved, request), request)))


def _distributions(resolved: Iterable[Resolved], request: ResolveRequest) -> tuple[Distribution, ...]:
    resolved = tuple(resolved)
    placements = place(resolved, request)
    fit = Fit(request.runtime)
    return tuple(_distribution(r, placements[r.name], request, fit) for r in resolved)


def _denied(distributions: Iterable[Distribution], request: ResolveRequest) -> list[Distribution]:
    if request.native_wheels is NativeWheels.ALLOW:
        return []
    return [d for d in distributions if d.native and d.source is Source.STAGE]


def requirement_chains(resolved: Iterable[Resolved]) -> Mapping[str, tuple[str, ...]]:
    """For each distribution, the shortest path from one that snowbuild.toml requires, including both ends."""
    resolved = tuple(resolved)
    requirers = {d.name: d.required_by for d in resolved}
    chains: dict[str, tuple[str, ...]] = {d.name: (d.name,) for d in resolved if d.root}
    todo = deque(sorted(chains))
    while todo:
        name = todo.popleft()
        for child in sorted(n for n, required_by in requirers.items() if name in required_by and n not in chains):
            chains[child] = (*chains[name], child)
            todo.append(child)
    return {name: chains.get(name, (name,)) for name in requirers}


def _distribution(resolved: Resolved, placement: Placement, request: ResolveRequest, fit: Fit) -> Distribution:
    staged = placement.source is Source.STAGE
    best = _best((wheel.filename for wheel in resolved.wheels), request, fit, staged=staged)
    return Distribution(
        name=resolved.name,
        version=resolved.wheel_version,
        source=placement.source,
        rule=placement.rule,
        service_name=placement.service_name,
        service_version=placement.service_version,
        requires_python=resolved.requires_python,
        extras=resolved.extras,
        required_by=resolved.required_by,
        requires=resolved.requires,
        index=resolved.index,
        wheels=resolved.wheels,
        stage_wheel=best.filename if best is not None and staged else None,
        license=resolved.license,
        native=best is not None and (best.is_native or resolved.compiled is not None),
    )


def _best(filenames: Iterable[str], request: ResolveRequest, fit: Fit, *, staged: bool) -> WheelName | None:
    """The wheel for the runtime."""
    wheels = tuple(wheel for filename in filenames if (wheel := parse_wheel_name(filename)) is not None)
    # If compiled code is denied, a slower pure wheel of the same version is better than none.
    return fit.best(wheels, prefer_pure=staged and request.native_wheels is NativeWheels.DENY)


def wheels_to_look_into(resolved: Iterable[Resolved], request: ResolveRequest) -> Mapping[str, str]:
    """The wheels that would go on the stage and are pure by their tags: distribution → file name."""
    resolved = tuple(resolved)
    placements = place(resolved, request)
    fit = Fit(request.runtime)
    wheels = {
        r.name: wheel_to_look_into((w.filename for w in r.wheels), request, fit)
        for r in resolved
        if placements[r.name].source is Source.STAGE
    }
    return {name: filename for name, filename in wheels.items() if filename is not None}


def wheel_to_look_into(filenames: Iterable[str], request: ResolveRequest, fit: Fit) -> str | None:
    """The wheel of a distribution that would go on the stage, if it is pure by its tags."""
    best = _best(filenames, request, fit, staged=True)
    return None if best is None or best.is_native else best.filename


def _refusal(
    distribution: Distribution, compiled: str | None, chain: tuple[str, ...], request: ResolveRequest
) -> Problem:
    by = ", which is required by ".join((*reversed(chain[:-1]), "snowbuild.toml"))
    ways = [f'leave it out with dependencies.exclude = ["{distribution.name}"]']
    if request.service is not Service.REPOSITORY:
        ways.append('let Snowflake install it with packages.service = "repository"')
    elif is_staged_by_name(distribution.name, request.stage):
        ways.append("remove its name from packages.stage")
    x86 = "" if request.runtime.architecture is Architecture.X86_64 else ' with runtime.architecture = "x86_64"'
    ways.append(
        f'set runtime.native-wheels = "allow"{x86}, and run the functions on a Snowpark-optimized warehouse '
        "(architecture x86)"
    )
    return Problem(
        message=f"the wheel {distribution.stage_wheel} holds compiled code{f' ({compiled})' if compiled else ''} "
        f"and would go on the stage; required by {by}",
        where=f"{distribution.name} {distribution.version}",
        hint="; or ".join(ways),
    )
