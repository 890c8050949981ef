"""What the resolver is asked and what it answers; all of it can be written as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from snowbuild.config.values import NativeWheels, Service
from snowbuild.distribution import Wheel
from snowbuild.runtime import Architecture, Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelBuild:
    """What one build of a release is for."""

    python: str | None = None
    """Minor version such as "3.11"; None for any."""
    architecture: Architecture | None = None
    """None for any."""

    def fits(self, runtime: Runtime) -> bool:
        """Whether the runtime can use it."""
        return self.python in (None, runtime.version) and self.architecture in (None, runtime.architecture)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRelease:
    """One version of one package, as the channel spells them."""

    name: str
    """Literal, such as `ruamel.yaml`."""
    version: str
    """Literal, such as `2.9.0post0+snowflake1`; need not be a version of PEP 440."""
    builds: tuple[ChannelBuild, ...] = ()
    """Sorted, unique, none covered by another; empty for any Python on any architecture, or where the channel does
    not say."""
    requires: tuple[str, ...] | None = None
    """PEP 508, by the names of distributions; sorted. None where the channel does not say."""

    def fits(self, runtime: Runtime) -> bool:
        """Whether there is a build for the runtime."""
        return not self.builds or any(build.fits(runtime) for build in self.builds)

    @property
    def pythons(self) -> tuple[str, ...]:
        """Minor versions that have a build on some architecture; empty for any."""
        pythons = tuple(dict.fromkeys(build.python for build in self.builds))
        return () if None in pythons else tuple(p for p in pythons if p is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """The content of Snowflake's Anaconda channel, or a sample of it."""

    origin: str
    """Where the list comes from, in words for people."""
    date: str | None = None
    """The day on which it last changed, as 2026-11-23."""
    releases: tuple[ChannelRelease, ...]
    """Sorted by name, then by version; unique."""


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
    """Everything that a resolution depends on, apart from what the indexes and the local wheels hold."""

    runtime: Runtime
    native_wheels: NativeWheels
    requirements: tuple[str, ...]
    """PEP 508 without those for local wheels; normalized, sorted, unique."""
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
    """Normalized names that stand for the same package of the channel: another spelling, the one that is used."""
    channel: Channel | None = None
    """For service `channel` only."""
    preferred: tuple[tuple[str, str], ...] = ()
    """Normalized name and version that is tried first; sorted."""
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
    """Normalized; the version of the wheels, another one where stand-ins had to be found for the channel's."""
    root: bool
    """Whether snowbuild.toml requires it."""
    direct: bool
    """Whether it is a local wheel or has a URL of its own, so that no service can offer it."""
    extras: tuple[str, ...]
    required_by: tuple[str, ...]
    requires: tuple[str, ...]
    requires_python: str | None
    license: str | None = None
    index: str | None
    wheels: tuple[Wheel, ...]
    """Every wheel that fits the runtime's Python on any operating system; sorted by file name."""
    compiled: str | None = None
    """The first file in the wheel for the stage that is compiled code, and its format, whatever the tags say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A problem in the child, with the fields of `snowbuild.errors.Problem`."""

    message: str
    where: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the child writes on its standard output."""

    distributions: tuple[Resolved, ...] = ()
    """Sorted by name."""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the child reads from its standard input."""

    request: ResolveRequest
    cache: str
    """Folder for index pages and metadata; absolute."""
