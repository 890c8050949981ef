"""METADATA of releases: from the cache, from a file of its own (PEP 658), or out of a wheel."""

from __future__ import annotations

import importlib.metadata
import io
import os
import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from pip._internal.metadata.importlib import Distribution

from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.once import Once
from snowbuild.resolve.child.remote import BadWheelError, metadata_in
from snowbuild.resolve.redact import without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from packaging.version import Version
    from pip._internal.metadata import BaseDistribution

    from snowbuild.resolve.child.pages import IndexFile
    from snowbuild.resolve.child.projects import Release
    from snowbuild.resolve.child.remote import Remote
    from snowbuild.resolve.values import LocalWheel


class DirectWheel(NamedTuple):
    """A wheel that has a path or URL of its own."""

    metadata: bytes
    sha256: str
    size: int


class Metadata:
    """Fetches METADATA; every file once, from many threads."""

    def __init__(self, remote: Remote, cache: Path) -> None:
        self._remote = remote
        self._cache = cache
        self._of_file: Once[IndexFile, bytes] = Once(self._fetch)
        self.direct: Once[str, DirectWheel] = Once(self._direct)

    def of(self, release: Release) -> bytes:
        """METADATA of the release's best wheel, or of the next one where that is damaged.

        Where the channel offers what no index has a wheel of, it is the metadata of the nearest version, and
        where there is none either, nothing is known but name and version.

        Raises:
            BadWheelError: every wheel is damaged.
            ResolutionError: there was no answer.
        """
        if not release.sources:
            return f"Metadata-Version: 2.1\nName: {release.name}\nVersion: {release.version}\n".encode()
        damaged: BadWheelError | None = None
        for file in release.sources:
            try:
                content = self._of_file(file)
                return content if file.version == release.version else _with_version(content, release.version)
            except BadWheelError as exc:
                damaged = damaged or BadWheelError(f"{file.wheel.filename}: {exc}")
        raise damaged or BadWheelError("it has no wheel")

    def _fetch(self, file: IndexFile) -> bytes:
        place = self._place(file)
        if place is not None and place.is_file():
            return place.read_bytes()
        content = self._own_file(file) or self._remote.metadata_of_wheel(file.url, file.sha256)
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f"{place.name}.{os.getpid()}")
            beside.write_bytes(content)
            beside.replace(place)
        return content

    def _place(self, file: IndexFile) -> Path | None:
        """Keyed by digest and URL: an index that lies about digests must not answer for another one."""
        if file.sha256 is None:
            return None
        key = sha256(f"{without_credentials(file.url)}#{file.sha256}".encode()).hexdigest()
        return self._cache / key[:2] / key[2:]

    def _own_file(self, file: IndexFile) -> bytes | None:
        if file.metadata is False:
            return None
        response = self._remote.get(f"{file.url}.metadata")
        if response.status_code != 200:
            return None
        if isinstance(file.metadata, str) and sha256(response.content).hexdigest() != file.metadata:
            return None
        return bytes(response.content)

    def _direct(self, url: str) -> DirectWheel:
        return _direct_wheel(self._remote.content(url), without_credentials(url))


def read_local_wheel(path: Path, wheel: LocalWheel) -> DirectWheel:
    """Read a wheel that snowbuild.toml names by its path.

    Raises:
        ResolutionError: it cannot be read, or is no wheel.
    """
    try:
        return _direct_wheel(path.read_bytes(), wheel.path)
    except OSError as exc:
        raise ResolutionError(f"the wheel cannot be read: {exc.strerror}", where=wheel.path) from exc


def _direct_wheel(content: bytes, where: str) -> DirectWheel:
    try:
        return DirectWheel(metadata_in(io.BytesIO(content)), sha256(content).hexdigest(), len(content))
    except BadWheelError as exc:
        raise ResolutionError(f"no usable wheel: {exc}", where=where) from exc


class _InMemory(importlib.metadata.Distribution):
    def __init__(self, metadata: bytes) -> None:
        self._metadata = metadata.decode("utf-8", errors="replace")

    def read_text(self, filename: str) -> str | None:
        return self._metadata if filename == "METADATA" else None

    def locate_file(self, path: object) -> NoReturn:
        raise FileNotFoundError(path)


def in_memory(metadata: bytes) -> BaseDistribution:
    """METADATA as pip wants it; pip's own way writes a temporary file for every version."""
    return Distribution(_InMemory(metadata), None, None)


def _with_version(metadata: bytes, version: Version) -> bytes:
    head, blank, body = metadata.replace(b"\r\n", b"\n").partition(b"\n\n")
    return re.sub(rb"(?mi)^Version:.*$", f"Version: {version}".encode(), head, count=1) + blank + body


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
