"""PACKAGES → the environment of a function: from the lock if it has them, with hashes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from snowbuild.distribution import Distribution, Source
from snowbuild.environments.build import Environment, build_environment, write_pylock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

PACKAGE = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:(==|>=|<=|<|>)\s*(\S+))?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The content of a function's environment."""

    locked: tuple[Distribution, ...]
    """Sorted by name; installed with their hashes."""
    requirements: tuple[str, ...]
    """What the lock does not have; sorted."""


def select(packages: Iterable[str], distributions: Sequence[Distribution]) -> Selection:
    """Split PACKAGES into what is locked, with its requirements, and the rest. Pure.

    A package is locked when the lock has a distribution from a package service under its literal name and version.
    Wheels that go on the stage are left out: the function's own loader brings them.
    """
    known = {d.name: d for d in distributions if d.source is not Source.STAGE and d.wheels}
    literal = {
        (canonicalize_name(d.service_name or d.name), version): d
        for d in known.values()
        for version in (d.service_version, d.version)
        if version is not None
    }
    chosen: dict[str, Distribution] = {}
    rest: list[str] = []
    for package in packages:
        match = PACKAGE.fullmatch(package)
        name, operator, version = match.groups() if match else (package, None, None)
        distribution = literal.get((canonicalize_name(name), version or "")) if operator == "==" else None
        if distribution is None:
            rest.append(f"{name}{operator}{version}" if operator else name)
        else:
            _close(distribution, known, chosen)
    return Selection(locked=tuple(chosen[name] for name in sorted(chosen)), requirements=tuple(sorted(set(rest))))


def _close(distribution: Distribution, known: dict[str, Distribution], chosen: dict[str, Distribution]) -> None:
    waiting = [distribution]
    while waiting:
        current = waiting.pop()
        if current.name in chosen:
            continue
        chosen[current.name] = current
        names = (canonicalize_name(Requirement(text).name) for text in current.requires)
        waiting.extend(known[name] for name in names if name in known)


def function_environment(folder: Path, *, runtime: str, packages: Sequence[str], lock: Path | None) -> Environment:
    """Build, or find, the environment for a function's RUNTIME_VERSION and PACKAGES.

    Args:
        folder: holds the environments of all functions.
        runtime: such as "3.11".
        packages: as in PACKAGES.
        lock: the project's lockfile, if there is one.

    Raises:
        EnvironmentBuildError, DigestMismatchError: as `build_environment`.
        StaleLockError: the lockfile is damaged.
    """
    selection = select(packages, _distributions(lock))
    lockfile = None
    if selection.locked and lock is not None:
        folder.mkdir(parents=True, exist_ok=True)
        names = "\n".join(f"{d.name}=={d.version} {' '.join(w.sha256 for w in d.wheels)}" for d in selection.locked)
        lockfile = folder / f"pylock.{hashlib.sha256(names.encode()).hexdigest()[:16]}.toml"
        write_pylock(selection.locked, lock.parent, lockfile)
    return build_environment(folder, python=runtime, lockfile=lockfile, requirements=selection.requirements)


def installed(environment: Environment, lock: Path | None) -> tuple[str, ...]:
    """The content of an environment, as `name==version`, with the service's names if the lock has them; sorted."""
    services = {
        d.name: (d.service_name or d.name, d.service_version or d.version)
        for d in _distributions(lock)
        if d.source is not Source.STAGE
    }
    found: list[str] = []
    for place in environment.folder.glob("lib/python*/site-packages"):
        for distribution in metadata.distributions(path=[str(place)]):
            name, version = canonicalize_name(distribution.metadata["Name"]), distribution.version
            literal, service_version = services.get(name, (name, version))
            found.append(f"{literal}=={service_version if service_version.startswith(version) else version}")
    return tuple(sorted(found))


def _distributions(lock: Path | None) -> tuple[Distribution, ...]:
    if lock is None or not lock.exists():
        return ()
    from snowbuild.lock import read_lock

    return read_lock(lock).distributions
