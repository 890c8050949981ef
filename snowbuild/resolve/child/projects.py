"""Projects on the indexes: which versions a runtime could use, and by which wheels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.once import Once
from snowbuild.resolve.child.pages import ACCEPT, IndexFile, Page, PageError, read_page
from snowbuild.resolve.redact import without_credentials
from snowbuild.resolve.sources import is_staged_by_name, offers_of
from snowbuild.resolve.wheels import Fit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.resolve.child.remote import Remote
    from snowbuild.resolve.values import ResolveRequest


@dataclass(frozen=True, slots=True)
class Release:
    """A version that may be chosen."""

    name: str
    version: Version
    wheels: tuple[IndexFile, ...]
    """Every wheel that fits the runtime's Python on any operating system; sorted by file name."""
    sources: tuple[IndexFile, ...]
    """Wheels that can tell the metadata, best first; empty where no index has anything."""
    yanked: bool
    nearest: tuple[Version, ...] = ()
    """For a version of the channel that has no wheel for the runtime: versions that have one, nearest first."""


@dataclass(frozen=True, slots=True)
class Project:
    """What is known about a name."""

    name: str
    index: str | None
    """The index that has it, without credentials; None when none has."""
    releases: Mapping[Version, Release]
    page: Page
    """Everything that the index has, whether it fits or not."""
    offered: tuple[str, ...] | None
    """The literal versions on the channel; None when the channel does not count for this name."""


NO_PAGE = Page((), ())


class Projects:
    """Looks projects up; every one once, from many threads."""

    def __init__(self, request: ResolveRequest, remote: Remote, index_urls: Iterable[str]) -> None:
        self._request = request
        self._remote = remote
        self._index_urls = tuple(index_urls)
        self._fit = Fit(request.runtime)
        self._offers = offers_of(request)
        self.get = Once(self._look_up)

    def _look_up(self, name: str) -> Project:
        index, page = self._page(name)
        wheels = self._in_time(page.wheels, index)
        offered = None
        if self._offers is not None and not is_staged_by_name(name, self._request.stage):
            offered = tuple(r.version for r in self._offers.releases(name)) or None
        by_version: dict[Version, list[IndexFile]] = {}
        for wheel in wheels:
            by_version.setdefault(wheel.version, []).append(wheel)
        if offered is None or self._offers is None:
            found = (self._installable(name, version, files) for version, files in by_version.items())
        else:
            versions = self._offers.versions(name)
            found = (self._of_channel(name, version, by_version) for version in versions)
        releases = {release.version: release for release in found if release is not None}
        return Project(name, index, releases, page, offered)

    def _page(self, name: str) -> tuple[str | None, Page]:
        """The page of the first index that has the name: a private name must never be mixed with a public one."""
        for index in self._index_urls:
            url = f"{index.rstrip('/')}/{quote(name)}/"
            where = f"{name} on {without_credentials(index)}"
            response = self._remote.get(url, {"Accept": ACCEPT})
            if response.status_code in {404, 410}:
                continue
            if response.status_code in {401, 403}:
                raise ResolutionError(
                    f"the index refuses access ({response.status_code})",
                    where=where,
                    hint="put the credentials into the URL under dependencies.index-urls, or into .netrc",
                )
            if response.status_code != 200:
                raise ResolutionError(f"the index answered {response.status_code} {response.reason}", where=where)
            try:
                page = read_page(response.content, response.headers.get("Content-Type", ""), response.url, name)
            except PageError as exc:
                raise ResolutionError(
                    f"the index cannot be read: {exc}",
                    where=where,
                    hint="dependencies.index-urls takes base URLs of simple indexes (PEP 503)",
                ) from exc
            # Some proxies answer for names that they do not have with an empty page.
            if page.wheels or page.others:
                return without_credentials(index), page
        return None, NO_PAGE

    def _in_time(self, wheels: tuple[IndexFile, ...], index: str | None) -> tuple[IndexFile, ...]:
        as_of = self._request.as_of
        if as_of is None:
            return wheels
        kept = []
        for wheel in wheels:
            uploaded = wheel.uploaded
            if uploaded is None:
                raise ResolutionError(
                    f"the index does not tell when {wheel.wheel.filename} was uploaded, which as-of needs",
                    where=index,
                    hint="leave dependencies.as-of out, or use an index with upload times (PEP 700)",
                )
            if uploaded <= as_of:
                kept.append(wheel)
        return tuple(kept)

    def _installable(self, name: str, version: Version, wheels: list[IndexFile]) -> Release | None:
        """A version with a wheel for the runtime; yanked wheels only count where there is no other."""
        fitting = self._fitting(wheels)
        usable = [w for w in fitting if self._fit.rank(w.wheel) is not None]
        kept = [w for w in usable if not w.yanked]
        if not usable:
            return None
        listed = fitting if not kept else [w for w in fitting if not w.yanked]
        return Release(name, version, _by_filename(listed), self._best_first(kept or usable), yanked=not kept)

    def installable(self, name: str, version: Version) -> Release | None:
        """A version of the index as it would be without a channel; None when it has no wheel for the runtime."""
        project = self.get(name)
        files = [w for w in self._in_time(project.page.wheels, project.index) if w.version == version]
        return self._installable(name, version, files)

    def _of_channel(self, name: str, version: Version, by_version: Mapping[Version, list[IndexFile]]) -> Release:
        """A version of the channel.

        Any wheel of it tells what it requires, even one for another platform. Where the index has no wheel of
        it at all, those of the nearest version are the best guess at that.
        """
        wheels = by_version.get(version, [])
        fitting = self._fitting(wheels)
        if any(self._fit.rank(w.wheel) is not None for w in fitting):
            return Release(name, version, _by_filename(fitting), self._best_first(wheels), yanked=False)
        others = sorted(v for v, files in by_version.items() if self._is_stand_in(name, v, files))
        later = [v for v in others if v > version]
        nearest = (*later, *reversed(others[: len(others) - len(later)]))
        sources = wheels or (by_version[nearest[0]] if nearest else [])
        return Release(name, version, (), self._best_first(sources), yanked=False, nearest=nearest)

    def _is_stand_in(self, name: str, version: Version, wheels: list[IndexFile]) -> bool:
        release = self._installable(name, version, wheels)
        return release is not None and not release.yanked and not version.is_prerelease

    def _fitting(self, wheels: Iterable[IndexFile]) -> list[IndexFile]:
        return [w for w in wheels if self._fit.python_fits(w.wheel) and self._python_allowed(w)]

    def _best_first(self, wheels: Iterable[IndexFile]) -> tuple[IndexFile, ...]:
        def order(file: IndexFile) -> tuple[bool, int, bool, str]:
            rank = self._fit.rank(file.wheel)
            return (rank is None, rank or 0, not self._fit.python_fits(file.wheel), file.wheel.filename)

        return tuple(sorted(wheels, key=order))

    def _python_allowed(self, file: IndexFile) -> bool:
        return file.requires_python is None or _allows(file.requires_python, self._request.runtime.full_version)


def _by_filename(wheels: Iterable[IndexFile]) -> tuple[IndexFile, ...]:
    return tuple(sorted(wheels, key=lambda w: w.wheel.filename))


@cache
def _allows(specifier: str, python: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(python, prereleases=True)
    except InvalidSpecifier:
        return True
