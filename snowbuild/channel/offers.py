"""What a channel offers to a runtime, by distribution name. Pure."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from snowbuild.channel.names import NOT_PYTHON

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from snowbuild.channel.values import Channel, ChannelRelease
    from snowbuild.runtime import Runtime


class Offers:
    """The part of a channel that has builds for the runtime."""

    def __init__(self, channel: Channel, runtime: Runtime, names: Iterable[tuple[str, str]]) -> None:
        """`names` maps normalized distributions to names on the channel."""
        self._releases = tuple(release for release in channel.releases if release.fits(runtime))
        self._names = dict(names)

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[ChannelRelease, ...]]:
        by_literal: dict[str, list[ChannelRelease]] = {}
        for release in self._releases:
            by_literal.setdefault(release.name, []).append(release)
        found: dict[str, tuple[ChannelRelease, ...]] = {}
        for literal, releases in by_literal.items():
            name = canonicalize_name(literal)
            found[name] = (*found.get(name, ()), *releases)
        return found

    @property
    def packages(self) -> Collection[str]:
        """The normalized names of everything on offer."""
        return self._by_name.keys()

    def releases(self, name: str) -> tuple[ChannelRelease, ...]:
        """All versions of a distribution, including those that are not valid under PEP 440; empty if there is none."""
        elsewhere = self._names.get(name)
        if elsewhere and (found := self._by_name.get(canonicalize_name(elsewhere))):
            return found
        return () if name in NOT_PYTHON else self._by_name.get(name, ())

    def versions(self, name: str) -> Mapping[Version, ChannelRelease]:
        """Version by PEP 440, with its local part → the release to ask Snowflake for.

        Versions that are not valid under PEP 440 are left out. If several literal versions are equal under PEP 440,
        the alphabetically last one counts.
        """
        readable: dict[Version, ChannelRelease] = {}
        for release in sorted(self.releases(name), key=lambda r: (r.version, r.name)):
            try:
                readable[Version(release.version)] = release
            except InvalidVersion:
                continue
        return readable
