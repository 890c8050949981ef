"""Projects on the indexes: which versions a runtime could use, and through which wheels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.once import Once
from snowbuild.resolve.child.pages import IndexFile, Page
from snowbuild.resolve.redact import without_credentials
from snowbuild.resolve.sources import is_staged_by_name, offers_of
from snowbuild.wheels.filename import Fit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.resolve.child.indexes import Indexes
    from snowbuild.resolve.values import ResolveRequest


@dataclass(frozen=True, slots=True)
class Release:
    """A version that may be chosen."""

    name: str
    version: Version
    wheels: tuple[IndexFile, ...]
    """Every wheel that fits the runtime's Python on any operating system; sorted by file name."""
    sources: tuple[IndexFile, ...]
    """Wheels to read metadata from, best first; empty if no index has any."""
    yanked: bool
    nearest: tuple[Version, ...] = ()
    """For a version of the channel without a wheel for the runtime: versions that have one, nearest first."""
    requires: tuple[str, ...] | None = None
    """PEP 508, for a version that only the channel has; None if there are wheels, or if the channel does not say."""

    @property
    def wheel_version(self) -> Version:
        """The version of the wheels, without a local part that the channel's version may have."""
        return self.wheels[0].version if self.wheels else self.version


@dataclass(frozen=True, slots=True)
class Project:
    """What is known about a name."""

    name: str
    index: str | None
    """The index that has it, without credentials; None if none has."""
    versions: Mapping[Version, bool]
    """Every version that may be chosen, and whether it is yanked."""
    release: Once[Version, Release]
    """The release of such a version; made on demand, because there can be thousands."""
    page: Page
    """Everything that the index has, whether it fits or not."""
    offered: tuple[str, ...] | None
    """The literal versions on the channel; None if the channel does not decide for this name."""


class Projects:
    """Looks up projects; each once, from many threads."""

    def __init__(self, request: ResolveRequest, indexes: Indexes) -> None:
        self._request = request
        self._indexes = indexes
        self._fit = Fit(request.runtime)
        self._offers = offers_of(request)
        self.get = Once(self._look_up)

    def _look_up(self, name: str) -> Project:
        index, page = self._indexes.find(name)
        offered = None
        if self._offers is not None and not is_staged_by_name(name, self._request.stage):
            offered = tuple(r.version for r in self._offers.releases(name)) or None
        if offered is None or self._offers is None:
            yanked = {version: self._yanked(name, version, page) for version in page.versions}
            usable = {version: is_yanked for version, is_yanked in yanked.items() if is_yanked is not None}
            return Project(name, index, usable, Once(lambda v: self._known(name, v, page)), page, None)
        offers = self._offers.versions(name)
        release: Once[Version, Release] = Once(
            lambda version: self._of_channel(name, version, page, offers[version].requires)
        )
        return Project(name, index, dict.fromkeys(offers, False), release, page, offered)

    def _yanked(self, name: str, version: Version, page: Page) -> bool | None:
        """Whether all wheels for the runtime are yanked; None if there is none. Stops as early as possible."""
        if self._request.as_of is not None:
            release = self._installable(name, version, page)
            return None if release is None else release.yanked
        found = None
        for row in page.versions[version]:
            if self._fit.rank_of_tags(row.tags) is not None and self._python_allowed(row.requires_python):
                if row.yanked in (None, False):
                    return False
                found = True
        return found

    def _files(self, version: Version, page: Page) -> list[IndexFile]:
        """The wheels of a version that count."""
        files = page.files(version)
        as_of = self._request.as_of
        if as_of is None:
            return files
        for file in files:
            if file.uploaded is None:
                raise ResolutionError(
                    f"the index does not say when {file.wheel.filename} was uploaded, which as-of needs",
                    where=without_credentials(page.url),
                    hint="remove dependencies.as-of, or use an index with upload times (PEP 700)",
                )
        return [file for file in files if file.uploaded is not None and file.uploaded <= as_of]

    def _known(self, name: str, version: Version, page: Page) -> Release:
        release = self._installable(name, version, page)
        if release is None:
            raise KeyError(version)
        return release

    def _installable(self, name: str, version: Version, page: Page) -> Release | None:
        """A version with a wheel for the runtime; yanked wheels only count if there is no other."""
        fitting = self._fitting(self._files(version, page))
        usable = [w for w in fitting if self._fit.rank(w.wheel) is not None]
        kept = [w for w in usable if not w.yanked]
        if not usable:
            return None
        listed = fitting if not kept else [w for w in fitting if not w.yanked]
        return Release(name, version, _by_filename(listed), self._best_first(kept or usable), yanked=not kept)

    def installable(self, name: str, version: Version) -> Release | None:
        """A version of the index, as without a channel; None if it has no wheel for the runtime."""
        return self._installable(name, version, self._indexes.find(name).page)

    def _of_channel(self, name: str, version: Version, page: Page, requires: tuple[str, ...] | None) -> Release:
        """A version of the channel.

        Any of its wheels says what it requires, even one for another platform. If the index has no wheel of it at
        all, the channel's own data does; without that, the nearest version's wheels are the best guess.
        """
        # Wheels of an index have no local part, so that those of 2.9.0.post0 are 2.9.0.post0+snowflake1's.
        wheels = self._files(version, page) or self._files(Version(version.public), page)
        fitting = self._fitting(wheels)
        if any(self._fit.rank(w.wheel) is not None for w in fitting):
            return Release(name, version, _by_filename(fitting), self._best_first(wheels), yanked=False)
        others = sorted(v for v in page.versions if not v.is_prerelease and self._yanked(name, v, page) is False)
        later = [v for v in others if v > version]
        nearest = (*later, *reversed(others[: len(others) - len(later)]))
        if not wheels and requires is not None:
            return Release(name, version, (), (), yanked=False, nearest=nearest, requires=requires)
        sources = wheels or (self._files(nearest[0], page) if nearest else [])
        return Release(name, version, (), self._best_first(sources), yanked=False, nearest=nearest)

    def _fitting(self, wheels: Iterable[IndexFile]) -> list[IndexFile]:
        return [w for w in wheels if self._fit.python_fits(w.wheel) and self._python_allowed(w.requires_python)]

    def _best_first(self, wheels: Iterable[IndexFile]) -> tuple[IndexFile, ...]:
        def order(file: IndexFile) -> tuple[bool, int, bool, str]:
            rank = self._fit.rank(file.wheel)
            return (rank is None, rank or 0, not self._fit.python_fits(file.wheel), file.wheel.filename)

        return tuple(sorted(wheels, key=order))

    def _python_allowed(self, requires_python: str | None) -> bool:
        return not requires_python or _allows(requires_python, self._request.runtime.full_version)


def _by_filename(wheels: Iterable[IndexFile]) -> tuple[IndexFile, ...]:
    return tuple(sorted(wheels, key=lambda w: w.wheel.filename))


@cache
def _allows(specifier: str, python: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(python, prereleases=True)
    except InvalidSpecifier:
        return True
