"""The Lock: everything that goes into a deployment, by digest."""

from __future__ import annotations

from dataclasses import dataclass

from snowbuild.config.values import Service
from snowbuild.distribution import Distribution
from snowbuild.models.values import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Digests of the lock's inputs: a part whose inputs are unchanged is not made again."""

    distributions: str
    """Runtime, dependencies, packages, channel content and local wheels."""
    functions: str
    """Functions, templates, handlers, and the distributions and models that they use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedModule:
    """A rendered module, by digest; it is rendered again when its bytes are needed."""

    filename: str
    sha256: str
    size: int
    """In bytes."""
    template: str
    template_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedFunction:
    """A function and the modules that it imports."""

    name: str
    handler: str
    modules: tuple[str, ...]
    """File names, the one with the handler first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The lockfile as a value."""

    project: str = ""
    """Its name in snowbuild.toml."""
    inputs: Inputs
    python: str
    """The runtime's Python with its patch level."""
    architecture: str
    service: Service
    repository: str | None = None
    """For service `repository` only."""
    requirements: tuple[str, ...] = ()
    """What snowbuild.toml requires: PEP 508 text or the paths of wheels, without credentials; sorted, unique."""
    distributions: tuple[Distribution, ...] = ()
    """Sorted by name, unique."""
    models: tuple[Model, ...] = ()
    """Sorted by name, unique. A model that is not trained yet is missing."""
    modules: tuple[LockedModule, ...] = ()
    """Sorted by file name, unique."""
    functions: tuple[LockedFunction, ...] = ()
    """Sorted by name, unique. A function whose model is not trained yet is missing."""
