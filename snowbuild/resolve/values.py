"""The resolver's questions and answers; all of them can be written as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from snowbuild.channel.values import Channel
from snowbuild.config.values import NativeWheels, Service
from snowbuild.distribution import Wheel
from snowbuild.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalWheel:
    """A wheel that snowbuild.toml names by its path."""

    name: str
    """Normalized."""
    extras: tuple[str, ...] = ()
    """Sorted."""
    path: str
    """Relative to the folder of snowbuild.toml, with forward slashes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveRequest:
    """Everything that a resolution depends on, apart from the content of indexes and local wheels."""

    runtime: Runtime
    native_wheels: NativeWheels
    requirements: tuple[str, ...]
    """PEP 508, without local wheels; normalized, sorted, unique."""
    local_wheels: tuple[LocalWheel, ...] = ()
    """Sorted by path."""
    constraints: tuple[str, ...] = ()
    """PEP 508; normalized, sorted, unique."""
    exclude: tuple[str, ...] = ()
    """Normalized names; sorted."""
    index_urls: tuple[str, ...] = ()
    """In order of precedence, possibly with credentials; empty for pip's default."""
    prereleases: bool = False
    as_of: datetime | None = None
    """UTC."""
    service: Service
    stage: tuple[str, ...] = ()
    """Patterns over normalized names; sorted."""
    names: tuple[tuple[str, str], ...] = ()
    """Normalized distribution name, literal name on the service; sorted."""
    spellings: tuple[tuple[str, str], ...] = ()
    """Names of the same package on the channel: another spelling, and the one that is used; normalized."""
    channel: Channel | None = None
    """For service `channel` only."""
    preferred: tuple[tuple[str, str], ...] = ()
    """Normalized name, and the version to try first; sorted."""
    root: str = ""
    """The folder of snowbuild.toml; absolute. No part of the result depends on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A distribution that was chosen, before it has a source."""

    name: str
    """Normalized."""
    version: str
    """Normalized; what was chosen."""
    wheel_version: str
    """Normalized; the version of the wheels, which differs if stand-ins had to be found for the channel's version."""
    root: bool
    """Whether snowbuild.toml requires it."""
    direct: bool
    """Whether it is a local wheel or given by URL, so that no service can offer it."""
    extras: tuple[str, ...]
    required_by: tuple[str, ...]
    requires: tuple[str, ...]
    requires_python: str | None
    license: str | None = None
    index: str | None
    wheels: tuple[Wheel, ...]
    """Every wheel that fits the runtime's Python on any operating system; sorted by file name."""
    compiled: str | None = None
    """The first file with compiled code in the wheel for the stage, and its format, whatever the tags say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A problem in the child, with the fields of `snowbuild.errors.Problem`."""

    message: str
    where: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the child writes to its standard output."""

    distributions: tuple[Resolved, ...] = ()
    """Sorted by name."""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the child reads from its standard input."""

    request: ResolveRequest
    cache: str
    """Folder for index pages and metadata; absolute."""
