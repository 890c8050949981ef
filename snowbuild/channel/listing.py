"""An account's listing combined with what is known about its builds, and what has changed since. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from snowbuild.channel.file import make_channel, minimal_builds
from snowbuild.channel.values import Channel, ChannelBuild, ChannelRelease

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A row of INFORMATION_SCHEMA.PACKAGES."""

    name: str
    version: str
    python: str | None = None
    """RUNTIME_VERSION; None if the account does not show it."""


def channel_of(
    origin: str, rows: Iterable[Listed], known: Iterable[ChannelRelease] = (), others: Collection[str] = ()
) -> Channel:
    """What an account lists, with the known builds and requirements.

    A version that is not listed is not offered, even if its builds are known.

    Args:
        origin: as in `Channel`.
        rows: in any order.
        known: releases with their builds and requirements.
        others: literal names that are not Python packages; left out.
    """
    by_key = {(release.name, release.version): release for release in known}
    pythons: dict[tuple[str, str], set[str | None]] = {}
    for row in rows:
        if row.name not in others:
            pythons.setdefault((row.name, row.version), set()).add(row.python)
    releases = (
        _narrowed(by_key.get((name, version)), ChannelRelease(name=name, version=version, builds=_builds(listed)))
        for (name, version), listed in pythons.items()
    )
    return make_channel(origin, releases)


def _builds(pythons: Iterable[str | None]) -> tuple[ChannelBuild, ...]:
    return minimal_builds(ChannelBuild(python=python) for python in pythons)


def _narrowed(known: ChannelRelease | None, listed: ChannelRelease) -> ChannelRelease:
    """What is known about a release, for the listed Pythons."""
    if known is None:
        return listed
    if not listed.builds:
        return known
    # A Python that is listed and that no known build is for: for its architectures, the list's word has to do.
    builds = [
        ChannelBuild(python=python, architecture=build.architecture)
        for python in listed.pythons
        for build in [b for b in known.builds if b.python in (None, python)] or [ChannelBuild()]
    ]
    return replace(known, builds=minimal_builds(builds))


@dataclass(frozen=True, slots=True, kw_only=True)
class NameChange:
    """A name whose versions, or their builds or requirements, have changed."""

    name: str
    added: tuple[str, ...] = ()
    """Versions, in the channel's order."""
    removed: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    """Versions with other builds or requirements than before."""
    is_new: bool = False
    is_gone: bool = False


def changes(before: Channel, after: Channel) -> tuple[NameChange, ...]:
    """What has changed, sorted by name. Origin and date do not count."""
    old, new = ({(r.name, r.version): r for r in channel.releases} for channel in (before, after))
    old_names, new_names = ({name for name, _ in found} for found in (old, new))
    added, removed, altered = (
        _versions(keys)
        for keys in (
            [key for key in new if key not in old],
            [key for key in old if key not in new],
            [key for key in new if key in old and new[key] != old[key]],
        )
    )
    return tuple(
        NameChange(
            name=name,
            added=added.get(name, ()),
            removed=removed.get(name, ()),
            altered=altered.get(name, ()),
            is_new=name not in old_names,
            is_gone=name not in new_names,
        )
        for name in sorted(added.keys() | removed.keys() | altered.keys())
    )


def _versions(keys: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, version in keys:
        found[name] = (*found.get(name, ()), version)
    return found
