"""The pip-tools resolver, adapted to a Snowflake runtime.

pip-tools solves; everything that it would ask of its surroundings is answered here: markers by the runtime, versions
by the indexes and the channel, metadata by the cache. To keep the host out of it, pip never sees a real wheel from an
index: each version is one link to a wheel for any platform, on a host that cannot exist. All hooks are global to the
process or set on pip's objects, so there is one resolution per process.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import Version
from pip._internal.exceptions import InstallationError, MetadataInvalid, PipError
from pip._internal.models.target_python import TargetPython
from pip._internal.req.constructors import install_req_from_line
from pip._internal.utils.urls import path_to_url
from pip._vendor.packaging import markers
from pip._vendor.packaging.requirements import Requirement
from piptools.logging import log
from piptools.repositories import pypi
from piptools.resolver import BacktrackingResolver

from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.ahead import LookAhead
from snowbuild.resolve.child.archives import BadWheelError
from snowbuild.resolve.child.candidates import STAND_IN, Choice, Found
from snowbuild.resolve.child.indexes import Indexes
from snowbuild.resolve.child.metadata import Metadata, check_digest, in_memory, read_local_wheel
from snowbuild.resolve.child.once import Once
from snowbuild.resolve.child.projects import Projects
from snowbuild.resolve.child.remote import Remote
from snowbuild.resolve.child.spelling import respelled
from snowbuild.resolve.redact import without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pip._internal.metadata import BaseDistribution
    from pip._internal.models.link import Link
    from pip._internal.operations.prepare import RequirementPreparer
    from pip._internal.req.req_install import InstallRequirement
    from pip._internal.resolution.resolvelib.resolver import Resolver, Result
    from pip._vendor.packaging.specifiers import SpecifierSet

    from snowbuild.resolve.child.metadata import DirectWheel
    from snowbuild.resolve.child.projects import Release
    from snowbuild.resolve.values import LocalWheel, ResolveRequest

ASKED_BY = "snowbuild.toml"

THREADS = 8
TIMEOUT_S = 20
RETRIES = 2


class Unsolvable(Exception):  # noqa: N818  # More a result than an error.
    """No set of versions satisfies the requirements; `cause` is pip's exception."""

    def __init__(self, cause: BaseException, solver: Solver) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.solver = solver


class Solver:
    """One resolution: call `solve` once."""

    def __init__(self, request: ResolveRequest, cache: Path, before: Solver | None = None) -> None:
        """`before` is a solver for nearly the same request, whose downloads are reused."""
        self._request = request
        self._preferred = {name: Version(version) for name, version in request.preferred}
        self._exclude = frozenset(request.exclude)
        self._spellings = dict(request.spellings)
        self._local_wheels = {path_to_url(str(Path(request.root, w.path))): w for w in request.local_wheels}
        _silence()
        environment = request.runtime.marker_environment()
        # A new one each time, because evaluating a marker writes to it.
        vars(markers)["default_environment"] = environment.copy
        self._repository = pypi.PyPIRepository(_pip_arguments(request), str(cache))
        self.remote: Remote = before.remote if before else Remote(self._repository.session)
        self.metadata: Metadata = before.metadata if before else Metadata(self.remote, cache)
        urls = self._repository.finder.index_urls
        self._indexes: Indexes = before._indexes if before else Indexes(self.remote, urls, cache)
        self.projects = Projects(request, self._indexes)
        self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix="prefetch")
        # To find out whether there is a solution, no wheels have to be read.
        self._ahead = None if before else LookAhead(request, self.metadata)
        self.described: Once[tuple[str, Version], BaseDistribution] = Once(self._describe)
        self._choices: Once[str, Choice] = Once(self._choose)
        self._resolvers: list[Resolver] = []
        self._cache = cache
        self.damaged: dict[tuple[str, Version], str] = {}
        """Why versions without readable metadata were skipped."""

    def again(self, request: ResolveRequest) -> Solver:
        """A solver for nearly the same request that reuses the downloads of this one."""
        return Solver(request, self._cache, self)

    def solve(self) -> Result:
        """Find the versions.

        Raises:
            Unsolvable: there are none.
            ResolutionError: an index or a wheel cannot be used.
        """
        self._hook()
        roots = [*self._roots(), *self._constraints()]
        # Most of the last lock will be needed again: fetch all of it at once, not level by level.
        for requirement in (*self._request.requirements, *(f"{n}=={v}" for n, v in self._request.preferred)):
            self._prefetch(Requirement(requirement))
        try:
            BacktrackingResolver(roots, {}, self._repository, allow_unsafe=True).resolve(max_rounds=1)
        except InstallationError as exc:
            raise Unsolvable(exc, self) from exc
        except PipError as exc:
            raise ResolutionError(str(exc)) from exc
        finally:
            self.pool.shutdown(wait=False, cancel_futures=True)
            if self._ahead:
                self._ahead.stop()
        result = self._resolvers[-1]._result  # pip-tools drops the dependency graph.
        if result is None:
            raise ResolutionError("pip-tools gave no result")
        return result

    def dependencies(self, distribution: BaseDistribution, extras: Iterable[str] = ()) -> Iterator[Requirement]:
        """What a distribution requires on the runtime, without what is excluded."""
        for requirement in distribution.iter_dependencies(tuple(extras)):
            if canonicalize_name(requirement.name) not in self._exclude:
                yield requirement

    def _roots(self) -> Iterator[InstallRequirement]:
        for text in self._request.requirements:
            if canonicalize_name(Requirement(text).name) not in self._exclude:
                yield install_req_from_line(text, user_supplied=True, comes_from=ASKED_BY)
        for url, wheel in self._local_wheels.items():
            if wheel.name not in self._exclude:
                extras = f"[{','.join(wheel.extras)}]" if wheel.extras else ""
                line = f"{wheel.name}{extras} @ {url}"
                yield install_req_from_line(line, user_supplied=True, comes_from=ASKED_BY)

    def _constraints(self) -> Iterator[InstallRequirement]:
        for text in self._request.constraints:
            yield install_req_from_line(text, user_supplied=True, constraint=True, comes_from=ASKED_BY)

    def _hook(self) -> None:
        command, finder = self._repository.command, self._repository.finder
        finder._target_python = _target(self._request)  # Direct URLs are checked against it.
        make_preparer, make_resolver = command.make_requirement_preparer, command.make_resolver

        def preparer(*args: Any, **kwargs: Any) -> RequirementPreparer:
            made = make_preparer(*args, **kwargs)
            # Older versions of pip would download every wheel after the resolution.
            _override(
                made, _fetch_metadata_only=self._distribution, prepare_linked_requirements_more=lambda *_, **__: None
            )
            return made

        def resolver(*args: Any, **kwargs: Any) -> Resolver:
            # pip-tools does not pass the Python on, and pip would use the host's.
            kwargs["py_version_info"] = self._request.runtime.python
            made: Any = make_resolver(*args, **kwargs)
            make_requirements = made.factory.make_requirements_from_spec

            def kept(specifier: str, *rest: Any, **more: Any) -> Iterable[Any]:
                excluded = canonicalize_name(Requirement(specifier).name) in self._exclude
                return () if excluded else make_requirements(specifier, *rest, **more)

            # pip's cache of wheels that it built: there are none, and looking for them takes a while.
            _override(made.factory, make_requirements_from_spec=kept, get_wheel_cache_entry=lambda *_: None)
            self._resolvers.append(made)
            return made  # type: ignore[no-any-return]  # pip's two resolvers share no useful type.

        _override(command, make_requirement_preparer=preparer, make_resolver=resolver)
        _override(
            finder,
            find_all_candidates=lambda name: self._choices(canonicalize_name(name)).all(),
            find_best_candidate=self._best,
        )

    def _choose(self, name: str) -> Choice:
        project, preferred = self.projects.get(name), self._preferred.get(name)
        return Choice(project, preferred=preferred, prereleases=self._request.prereleases)

    def _best(self, project_name: str, specifier: SpecifierSet | None = None, **_: object) -> Found:
        """pip's hook for the versions that a specifier allows; the digests that it passes are for `--hash`."""
        return Found(self._choices(canonicalize_name(project_name)), specifier)

    def _distribution(self, requirement: InstallRequirement) -> BaseDistribution:
        """pip's hook for the metadata of a link."""
        link = requirement.link
        if link is None:
            raise ResolutionError(f"{requirement} has no wheel")
        release = self.release_of(link)
        try:
            if release is not None:
                found = self.described((release.name, release.version))
            else:
                found = self.read(self.direct(link)[0].metadata)
        except BadWheelError as exc:
            if release is not None:
                self.damaged[release.name, release.version] = str(exc)
            # pip skips versions with metadata that it cannot read.
            raise MetadataInvalid(requirement, str(exc)) from exc
        for needed in self.dependencies(found):
            self._prefetch(needed)
        if release is not None and self._ahead:
            self._ahead.tried(release)
        return found

    def _describe(self, key: tuple[str, Version]) -> BaseDistribution:
        name, version = key
        return self.read(self.metadata.of(self.projects.get(name).release(version)))

    def read(self, metadata: bytes) -> BaseDistribution:
        """METADATA as pip wants it, with the names that the request uses."""
        return in_memory(respelled(metadata, self._spellings))

    def release_of(self, link: Link) -> Release | None:
        """The release that a link represents; None for a local wheel or a direct URL."""
        if not link.url.startswith(STAND_IN):
            return None
        name, version = link.url.removeprefix(STAND_IN).split("/")[:2]
        return self.projects.get(name).release(Version(version))

    def direct(self, link: Link) -> tuple[DirectWheel, LocalWheel | None]:
        """A wheel given by URL, and which of the local wheels it is, if any.

        Raises:
            ResolutionError: it is not a wheel, not the one that its URL says, or it cannot be fetched.
        """
        local = self._local_wheels.get(link.url_without_fragment)
        # A distribution's requirements must neither run code from a source archive nor read files on this machine.
        if not link.is_wheel or (local is None and link.scheme not in {"http", "https"}):
            raise ResolutionError(
                "only wheels can be used, and source archives are never built", where=without_credentials(link.url)
            )
        if local is not None:
            return read_local_wheel(Path(self._request.root, local.path), local), local
        wheel = self.metadata.direct(link.url_without_fragment)
        check_digest(link.url, wheel, link._hashes)  # pip has no public accessor for them.
        return wheel, None

    def _prefetch(self, requirement: Requirement) -> None:
        """Fetch in the background what the resolver will most likely ask for next."""
        name = canonicalize_name(requirement.name)
        if requirement.url is None and name not in self._exclude and self.projects.get.known(name) is None:
            with suppress(RuntimeError):  # The pool is shut down: the resolution is over.
                self.pool.submit(self._fetch_likely, name, requirement)

    def _fetch_likely(self, name: str, requirement: Requirement) -> None:
        # Any error here occurs again when the resolver asks, and is reported then.
        with suppress(Exception):
            likely = self._choices(name).allowed(requirement.specifier).best
            if likely is None:
                return
            for needed in self.dependencies(self.described((name, likely)), requirement.extras):
                self._prefetch(needed)


def _pip_arguments(request: ResolveRequest) -> list[str]:
    arguments = [
        "--only-binary",
        ":all:",
        "--no-input",
        "--keyring-provider",
        "disabled",
        "--disable-pip-version-check",
    ]
    # pip's own cache of pages is written and read byte by byte, and revalidates even what never changes.
    arguments += ["--no-cache-dir", "--timeout", str(TIMEOUT_S), "--retries", str(RETRIES)]
    for position, url in enumerate(request.index_urls):
        arguments += ["--extra-index-url" if position else "--index-url", url]
    return [*arguments, "--pre"] if request.prereleases else arguments


def _target(request: ResolveRequest) -> TargetPython:
    runtime = request.runtime
    return TargetPython(
        platforms=list(runtime.platforms()),
        py_version_info=runtime.python,
        implementation="cp",
        abis=[f"cp{runtime.python[0]}{runtime.python[1]}", "abi3", "none"],
    )


def _override(target: object, **methods: Callable[..., Any]) -> None:
    """Replace methods of one object by functions."""
    vars(target).update(methods)


def _silence() -> None:
    """Keep pip and pip-tools from printing: the child's answer says everything."""
    logging.disable(logging.CRITICAL)
    log.verbosity = -10
    vars(pypi)["setup_logging"] = lambda **_: None
