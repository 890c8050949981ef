"""METADATA of releases: from the cache, from a separate file (PEP 658), or from inside a wheel."""

from __future__ import annotations

import importlib.metadata
import io
import re
import tempfile
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, NoReturn
from urllib.parse import unquote

from pip._internal.metadata.importlib import Distribution
from pip._internal.utils.packaging import get_requirement
from pip._vendor.packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from pip._vendor.packaging.requirements import InvalidRequirement

from snowbuild.errors import ResolutionError
from snowbuild.files.atomic import write_atomically
from snowbuild.resolve.child.archives import (
    Archives,
    BadWheelError,
    UnsafeWheelError,
    check_identity,
    compiled_code_in,
    metadata_in,
)
from snowbuild.resolve.child.once import Once
from snowbuild.resolve.child.spelling import metadata_of_channel
from snowbuild.resolve.redact import without_credentials
from snowbuild.wheels.filename import parse_wheel_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from importlib.metadata import PackageMetadata
    from pathlib import Path

    from packaging.version import Version
    from pip._internal.metadata import BaseDistribution
    from pip._vendor.packaging.requirements import Requirement

    from snowbuild.resolve.child.pages import IndexFile
    from snowbuild.resolve.child.projects import Release
    from snowbuild.resolve.child.remote import Remote
    from snowbuild.resolve.values import LocalWheel


class DirectWheel(NamedTuple):
    """A wheel given by path or URL."""

    metadata: bytes
    sha256: str
    size: int
    compiled: str | None
    """The first file with compiled code in it, and its format."""


class Metadata:
    """Fetches METADATA; each file once, from many threads."""

    def __init__(self, remote: Remote, cache: Path) -> None:
        self._remote = remote
        self._archives = Archives(remote)
        self._metadata = Store(cache / "metadata-2")
        self._compiled = Store(cache / "compiled-2")
        self._of_file: Once[IndexFile, bytes] = Once(self._fetch)
        self._inside: Once[IndexFile, bytes] = Once(self._look_into)
        self.direct: Once[str, DirectWheel] = Once(self._direct)

    def of(self, release: Release) -> bytes:
        """METADATA of the release's best wheel, or of the next one if that is damaged.

        For a version that only the channel has, it is the channel's own data, else the metadata of the nearest
        version; without either, only name and version are known.

        Raises:
            BadWheelError: every wheel is damaged.
            ResolutionError: there was no answer.
        """
        if release.requires is not None or not release.sources:
            return metadata_of_channel(release.name, release.version, release.requires or ())
        damaged: BadWheelError | None = None
        for file in release.sources:
            try:
                content = self._of_file(file)
                _check_requirements(content)
                return content if file.version == release.version else _with_version(content, release.version)
            except BadWheelError as exc:
                damaged = damaged or BadWheelError(f"{file.wheel.filename}: {exc}")
        raise damaged or BadWheelError("it has no wheel")

    def compiled(self, file: IndexFile) -> str | None:
        """The first file with compiled code in a wheel, and its format; each wheel is searched once.

        Raises:
            UnsafeWheelError: it cannot be unpacked safely into a folder.
            BadWheelError: it is not a wheel, or not the one that the index promised.
            ResolutionError: there was no answer.
        """
        if file.sha256 is None:
            return self.direct(file.url).compiled
        return self._inside(file).decode() or None

    def _look_into(self, file: IndexFile) -> bytes:
        found = self._compiled.get(file)
        if found is None:
            found = str(self._archives.compiled_code(file.url, file.sha256) or "").encode()
            self._compiled.put(file, found)
        return found

    def _fetch(self, file: IndexFile) -> bytes:
        content = self._metadata.get(file)
        if content is None:
            content = self._own_file(file)
            if content is None:
                content = _head(self._archives.metadata(file.url, file.sha256))
                check_identity(content, file.wheel)
            self._metadata.put(file, content)
        return content

    def _own_file(self, file: IndexFile) -> bytes | None:
        if file.metadata is False:
            return None
        response = self._remote.get(f"{file.url}.metadata")
        if response.status_code != 200:
            return None
        if isinstance(file.metadata, str) and sha256(response.content).hexdigest() != file.metadata:
            return None
        content = _head(response.content)
        try:
            check_identity(content, file.wheel)
        except BadWheelError:
            return None
        return content

    def _direct(self, url: str) -> DirectWheel:
        with tempfile.TemporaryFile() as file:
            self._remote.save(url, file)
            file.seek(0)
            return _direct_wheel(file.read(), without_credentials(url))


class Store:
    """A cache on this machine of what was found in files from indexes.

    Keyed by digest and URL: an index with wrong digests must not affect another one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, file: IndexFile) -> bytes | None:
        """What is known about a file."""
        place = self._place(file)
        try:
            return None if place is None else place.read_bytes()
        except FileNotFoundError:
            return None

    def put(self, file: IndexFile, content: bytes) -> None:
        """Remember it; a file without a digest may change, so it is not remembered."""
        place = self._place(file)
        if place is None:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, content)

    def _place(self, file: IndexFile) -> Path | None:
        if file.sha256 is None:
            return None
        key = sha256(f"{without_credentials(file.url)}#{file.sha256}".encode()).hexdigest()
        return self._folder / key[:2] / key[2:]


def _head(metadata: bytes) -> bytes:
    """METADATA without the description after the fields, which is nine tenths of it."""
    return metadata.replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n\n"


def read_local_wheel(path: Path, wheel: LocalWheel) -> DirectWheel:
    """Read a wheel that snowbuild.toml names by its path.

    Raises:
        ResolutionError: it cannot be read, or is not a wheel.
    """
    try:
        return _direct_wheel(path.read_bytes(), wheel.path)
    except OSError as exc:
        raise ResolutionError(f"the wheel cannot be read: {exc.strerror}", where=wheel.path) from exc


def _direct_wheel(content: bytes, where: str) -> DirectWheel:
    try:
        metadata = _head(metadata_in(io.BytesIO(content)))
        if (wheel := parse_wheel_name(unquote(where).rpartition("/")[2])) is not None:
            check_identity(metadata, wheel)
        _check_requirements(metadata)
        compiled = compiled_code_in(content)
    except UnsafeWheelError as exc:
        raise ResolutionError(str(exc), where=where) from exc
    except BadWheelError as exc:
        raise ResolutionError(f"not a usable wheel: {exc}", where=where) from exc
    digest = sha256(content).hexdigest()
    return DirectWheel(metadata, digest, len(content), None if compiled is None else str(compiled))


def _check_requirements(metadata: bytes) -> None:
    """Read the requirements as pip will.

    Raises:
        BadWheelError: pip cannot parse one of them, or evaluate its marker.
    """
    lines = metadata.decode("utf-8", errors="replace").replace("\r", "\n")
    # The value of a field continues in lines that begin with white space.
    for text in re.findall(r"(?mi)^Requires-Dist:(.*(?:\n[ \t].*)*)", lines):
        if not _is_requirement(text.strip()):
            raise BadWheelError(f"its METADATA has an invalid requirement: {without_credentials(text.strip())!r}")


@cache
def _is_requirement(text: str) -> bool:
    try:
        marker = get_requirement(text).marker
        if marker is not None:
            marker.evaluate({"extra": ""})
    except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName):
        return False
    return True


class _InMemory(importlib.metadata.Distribution):
    def __init__(self, metadata: bytes) -> None:
        self._metadata = metadata.decode("utf-8", errors="replace")
        self._parsed: PackageMetadata | None = None

    @property
    def metadata(self) -> PackageMetadata:
        """The fields; the base class parses the text again for each access."""
        if self._parsed is None:
            self._parsed = super().metadata
        return self._parsed

    def read_text(self, filename: str) -> str | None:
        return self._metadata if filename == "METADATA" else None

    def locate_file(self, path: object) -> NoReturn:
        raise FileNotFoundError(path)


class _Described(Distribution):
    """pip's own version parses and evaluates all markers on each call, which is four times per version."""

    def __init__(self, metadata: bytes) -> None:
        super().__init__(_InMemory(metadata), None, None)
        self._dependencies: dict[frozenset[str], tuple[Requirement, ...]] = {}

    def iter_dependencies(self, extras: Collection[str] = ()) -> Iterable[Requirement]:
        key = frozenset(extras)
        if key not in self._dependencies:
            self._dependencies[key] = tuple(super().iter_dependencies(extras))
        return self._dependencies[key]


def in_memory(metadata: bytes) -> BaseDistribution:
    """METADATA as pip wants it; pip itself would write a temporary file for each version."""
    return _Described(metadata)


def _with_version(metadata: bytes, version: Version) -> bytes:
    return re.sub(rb"(?mi)^Version:.*$", f"Version: {version}".encode(), metadata, count=1)


def check_digest(url: str, wheel: DirectWheel, hashes: Mapping[str, str]) -> None:
    """Compare with the digest in the URL's fragment, if it has one.

    Raises:
        ResolutionError: they differ.
    """
    expected = hashes.get("sha256")
    if expected is not None and expected.lower() != wheel.sha256:
        raise ResolutionError(
            f"the digest differs\n  expected  sha256:{expected}\n  actual    sha256:{wheel.sha256}",
            where=without_credentials(url).partition("#")[0],
        )
