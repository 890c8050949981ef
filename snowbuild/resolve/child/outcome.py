"""pip's result → values: distributions with all their wheels, digests and sizes."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version
from pip._vendor.packaging.requirements import Requirement

from snowbuild.distribution import Wheel
from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.archives import BadWheelError, UnsafeWheelError
from snowbuild.resolve.child.standins import StandIns
from snowbuild.resolve.licenses import license_of
from snowbuild.resolve.redact import without_credentials
from snowbuild.resolve.staging import wheels_to_look_into
from snowbuild.resolve.values import Resolved

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Executor

    from pip._internal.models.link import Link
    from pip._internal.resolution.resolvelib.resolver import Result

    from snowbuild.resolve.child.pages import IndexFile
    from snowbuild.resolve.child.solver import Solver
    from snowbuild.resolve.values import ResolveRequest

PSEUDO = "<"
"""First character of the names that pip gives to things other than distributions, such as Python."""


def distributions(result: Result, solver: Solver, request: ResolveRequest, pool: Executor) -> tuple[Resolved, ...]:
    """Everything that was chosen; sorted by name.

    Raises:
        ResolutionError: a wheel for which the index gives no digest cannot be fetched.
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
            version, wheels = standing.wheel_version, [_wheel(file, solver) for file in standing.wheels]
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

    resolved = tuple(pool.map(one, sorted(bases)))
    links = {name: base.source_link for name, base in bases.items()}
    looked_into = wheels_to_look_into(resolved, request)
    found = pool.map(lambda name: _compiled(links[name], looked_into[name], solver), looked_into)
    compiled = dict(zip(looked_into, found, strict=True))
    return tuple(replace(r, compiled=compiled.get(r.name)) for r in resolved)


def _compiled(link: Link, filename: str, solver: Solver) -> str | None:
    """The compiled code in a wheel that is pure by its tags."""
    release = solver.release_of(link)
    if release is None:
        return solver.direct(link)[0].compiled
    file = next(f for f in release.wheels if f.wheel.filename == filename)
    try:
        return solver.metadata.compiled(file)
    except UnsafeWheelError as exc:
        raise ResolutionError(str(exc), where=filename) from exc
    except BadWheelError as exc:
        raise ResolutionError(f"not a usable wheel: {exc}", where=filename) from exc


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
    digest, size = file.sha256, file.size
    if digest is not None and size is None:
        size = solver.remote.size(file.url)
    if digest is None or size is None:
        # Nothing says, so it is fetched.
        wheel = solver.metadata.direct(file.url)
        digest, size = digest or wheel.sha256, wheel.size
    return Wheel(filename=file.wheel.filename, url=without_credentials(file.url), size=size, sha256=digest)


def _direct(link: Link, solver: Solver) -> Wheel:
    wheel, local = solver.direct(link)
    if local is not None:
        return Wheel(filename=link.filename, path=local.path, size=wheel.size, sha256=wheel.sha256)
    url = without_credentials(link.url_without_fragment)
    return Wheel(filename=link.filename, url=url, size=wheel.size, sha256=wheel.sha256)
