"""What an Anaconda channel offers, as values."""

from __future__ import annotations

from dataclasses import dataclass

from snowbuild.runtime import Architecture, Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelBuild:
    """The runtimes that one build of a release is for."""

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
    """Literal, such as `2.9.0post0+snowflake1`; need not be valid under PEP 440."""
    builds: tuple[ChannelBuild, ...] = ()
    """Sorted, unique, none covered by another; empty for any Python on any architecture, or if the channel does not
    say."""
    requires: tuple[str, ...] | None = None
    """PEP 508, with the names of distributions; sorted. None if the channel does not say."""

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
