"""pip's result → values: distributions with all their wheels, digests and sizes."""

from __future__ import annotations

from copy import copy
from itertools import chain
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.resolvelib.resolvers import ResolutionImpossible

from snowbuild.distribution import Wheel
from snowbuild.resolve.child.conflict import Cause, Supply, explain
from snowbuild.resolve.child.pages import versions_of
from snowbuild.resolve.child.standins import StandIns
from snowbuild.resolve.licenses import license_of
from snowbuild.resolve.redact import without_credentials
from snowbuild.resolve.values import Failure, Resolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor

    from pip._internal.models.link import Link
    from pip._internal.req.req_install import InstallRequirement
    from pip._internal.resolution.resolvelib.resolver import Result

    from snowbuild.resolve.child.pages import IndexFile
    from snowbuild.resolve.child.projects import Project
    from snowbuild.resolve.child.solver import Solver, Unsolvable
    from snowbuild.resolve.values import ResolveRequest

PSEUDO = "<"
"""First letter of the names that pip gives to what is no distribution, such as the Python."""


def distributions(result: Result, solver: Solver, request: ResolveRequest, pool: Executor) -> tuple[Resolved, ...]:
    """Everything that was chosen; sorted by name.

    Raises:
        ResolutionError: a wheel whose digest the index does not tell cannot be fetched.
    """
    bases: dict[str, Any] = {}
    extras: dict[str, set[str]] = {}
    parents: dict[str, set[str | None]] = {}
    for key, candidate in result.mapping.items():
        name = candidate.project_name
        if name.startswith(PSEUDO):
            continue
        bases[name] = getattr(candidate, "base", candidate)
        extras.setdefault(name, set()).update(map(canonicalize_name, getattr(candidate, "extras", ())))
        parents.setdefault(name, set()).update(_project(parent) for parent in result.graph.iter_parents(key))
    requires = {name: tuple(solver.dependencies(base.dist, extras[name])) for name, base in bases.items()}
    stand_ins = StandIns(
        solver,
        {name: Version(str(base.version)) for name, base in bases.items()},
        [*chain.from_iterable(requires.values()), *map(Requirement, (*request.requirements, *request.constraints))],
    )

    def one(name: str) -> Resolved:
        base = bases[name]
        link: Link = base.source_link
        release = solver.release_of(link)
        if release is None:
            version, wheels = base.version, [_direct(link, solver)]
        else:
            standing = stand_ins.of(release)
            version, wheels = standing.version, [_wheel(file, solver) for file in standing.wheels]
        return Resolved(
            name=name,
            version=str(base.version),
            wheel_version=str(version),
            root=None in parents[name],
            direct=release is None,
            extras=tuple(sorted(extras[name])),
            required_by=tuple(sorted(p for p in parents[name] if p is not None and p != name)),
            requires=_requires(requires[name]),
            requires_python=str(base.dist.requires_python) or None,
            license=license_of(base.dist.metadata),
            index=None if release is None else solver.projects.get(name).index,
            wheels=tuple(wheels),
        )

    return tuple(pool.map(one, sorted(bases)))


def _project(key: str | None) -> str | None:
    return None if key is None else key.partition("[")[0]


def _requires(requirements: Iterable[Requirement]) -> tuple[str, ...]:
    texts: dict[str, str] = {}
    for requirement in requirements:
        bare = copy(requirement)
        bare.marker = None
        texts[str(bare)] = canonicalize_name(requirement.name)
    return tuple(without_credentials(text) for text in sorted(texts, key=lambda text: (texts[text], text)))


def _wheel(file: IndexFile, solver: Solver) -> Wheel:
    digest = file.sha256
    size = file.size
    if digest is None:
        wheel = solver.metadata.direct(file.url)
        digest, size = wheel.sha256, wheel.size
    elif size is None:
        size = solver.remote.size(file.url)
    if size is None:
        wheel = solver.metadata.direct(file.url)
        size = wheel.size
    return Wheel(filename=file.wheel.filename, url=without_credentials(file.url), size=size, sha256=digest)


def _direct(link: Link, solver: Solver) -> Wheel:
    wheel, local = solver.direct(link)
    if local is not None:
        return Wheel(filename=link.filename, path=local.path, size=wheel.size, sha256=wheel.sha256)
    url = without_credentials(link.url_without_fragment)
    return Wheel(filename=link.filename, url=url, size=wheel.size, sha256=wheel.sha256)


def failure(unsolvable: Unsolvable, request: ResolveRequest) -> Failure:
    """Put pip's account of a conflict into words."""
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
    supplies = [_supply(solver.projects.get(name), request) for name in sorted(names - direct)]
    runtime = f"Python {request.runtime.version} on {request.runtime.architecture}"
    return explain(causes, supplies, runtime, request.channel.origin if request.channel else None)


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
    """Who requires a requirer, nearest first; without snowbuild.toml."""
    above: Any = requirement.comes_from if requirement is not None else None
    while above is not None and not isinstance(above, str):
        yield canonicalize_name(above.name)
        above = above.comes_from


def _supply(project: Project, request: ResolveRequest) -> Supply:
    usable = sorted(version for version, release in project.releases.items() if not release.yanked)
    finals = [v for v in usable if not v.is_prerelease]
    shown = usable if request.prereleases or not finals else finals
    others = {w.version for w in project.page.wheels if not w.yanked} | set(
        versions_of(project.page.others, project.name)
    )
    unusable: list[Version] = sorted(v for v in others if v not in project.releases and not v.is_prerelease)
    return Supply(
        name=project.name,
        versions=tuple(map(str, shown)),
        offered=project.offered,
        found=project.index is not None,
        unusable=tuple(map(str, unusable)),
    )
