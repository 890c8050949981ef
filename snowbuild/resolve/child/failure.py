"""pip's report of a conflict → words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.resolvelib.resolvers import ResolutionImpossible

from snowbuild.config.values import NativeWheels
from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.changes import helpful
from snowbuild.resolve.child.conflict import Cause, Supply, explain
from snowbuild.resolve.child.outcome import PSEUDO, distributions
from snowbuild.resolve.child.pages import versions_of
from snowbuild.resolve.child.solver import THREADS, Unsolvable
from snowbuild.resolve.staging import refused
from snowbuild.resolve.values import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.version import Version
    from pip._internal.req.req_install import InstallRequirement

    from snowbuild.resolve.child.projects import Project
    from snowbuild.resolve.child.solver import Solver
    from snowbuild.resolve.values import ResolveRequest


def failure(unsolvable: Unsolvable, request: ResolveRequest) -> Failure:
    """Describe a conflict that pip reports."""
    solver = unsolvable.solver
    account = unsolvable.cause.__cause__
    if not isinstance(account, ResolutionImpossible):
        return Failure(message=str(unsolvable.cause), where="dependencies")
    causes = [_cause(c.requirement, c.parent, request) for c in account.causes]
    names = {cause.name for cause in causes if cause.name}
    causes += [
        Cause(name=name, requirement=text, requirer=None, constraint=True)
        for text in request.constraints
        if (name := canonicalize_name(Requirement(text).name)) in names
    ]
    direct = {wheel.name for wheel in request.local_wheels}
    supplies = [_supply(solver.projects.get(name), solver, request) for name in sorted(names - direct)]
    runtime = f"Python {request.runtime.version} on {request.runtime.architecture}"
    changes = helpful(
        request,
        _involved(causes),
        lambda name: _usable(solver.projects.get(name)),
        lambda changed: _attempt(solver.again(changed), changed),
    )
    return explain(causes, supplies, runtime, request.channel.origin if request.channel else None, changes)


def _attempt(solver: Solver, request: ResolveRequest) -> tuple[str, ...] | None:
    """The distributions in a request's solution that would be refused for compiled code; None without a solution."""
    try:
        result = solver.solve()
        if request.native_wheels is NativeWheels.ALLOW:
            return ()
        with ThreadPoolExecutor(THREADS) as pool:
            return refused(distributions(result, solver, request, pool), request)
    except (Unsolvable, ResolutionError):
        return None


def _involved(causes: Iterable[Cause]) -> set[str]:
    """The names in snowbuild.toml that cause the conflict."""
    found = set()
    for cause in causes:
        if cause.requirer is None:
            found.add(cause.name)
        else:
            found.add(cause.required_by[-1] if cause.required_by else cause.requirer.partition(" ")[0])
    return found


def _usable(project: Project) -> list[Version]:
    return sorted(version for version, yanked in project.versions.items() if not yanked)


def _cause(requirement: Any, parent: Any, request: ResolveRequest) -> Cause:
    requirer = f"{parent.project_name} {parent.version}" if parent is not None else None
    above = tuple(_above(parent.get_install_requirement())) if parent is not None else ()
    if requirement.project_name.startswith(PSEUDO):
        text = f"Python {requirement.specifier}, and the runtime has {request.runtime.full_version}"
        return Cause(name="", requirement=text, requirer=requirer, required_by=above)
    _, wanted = requirement.get_candidate_lookup()
    text = _without_marker(wanted) if wanted is not None else f"{requirement.project_name} by its wheel"
    return Cause(name=requirement.project_name, requirement=text, requirer=requirer, required_by=above)


def _without_marker(requirement: InstallRequirement) -> str:
    if requirement.req is None:
        return str(requirement.name)
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{requirement.req.name}{extras}{requirement.req.specifier}"


def _above(requirement: InstallRequirement | None) -> Iterator[str]:
    """What requires a requirer, nearest first; without snowbuild.toml."""
    above: Any = requirement.comes_from if requirement is not None else None
    last = None
    while above is not None and not isinstance(above, str):
        # A distribution with extras appears twice, once with them and once without.
        if (name := canonicalize_name(above.name)) != last:
            yield name
        last = name
        above = above.comes_from


def _supply(project: Project, solver: Solver, request: ResolveRequest) -> Supply:
    usable = _usable(project)
    finals = [v for v in usable if not v.is_prerelease]
    shown = usable if request.prereleases or not finals else finals
    others = {v for v in project.page.versions if any(not file.yanked for file in project.page.files(v))}
    others |= set(versions_of(project.page.others, project.name))
    unusable: list[Version] = sorted(v for v in others if v not in project.versions and not v.is_prerelease)
    return Supply(
        name=project.name,
        versions=tuple(map(str, shown)),
        offered=project.offered,
        found=project.index is not None,
        unusable=tuple(map(str, unusable)),
        damaged=tuple(why for (name, _), why in sorted(solver.damaged.items()) if name == project.name),
    )
