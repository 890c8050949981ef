"""Wheels on a server, read in pieces if it supports ranges: METADATA, and whether there is compiled code."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from contextlib import contextmanager
from hashlib import file_digest
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from snowbuild.resolve.child.native import DAMAGE, Compiled, compiled_in, heads, length
from snowbuild.resolve.child.once import Once
from snowbuild.wheels.members import unsafe
from snowbuild.wheels.transfer import IDENTITY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from snowbuild.resolve.child.native import Readable, Span
    from snowbuild.resolve.child.remote import Remote
    from snowbuild.wheels.filename import WheelName

    Found = TypeVar("Found")

# In half of the wheels of an AutoGluon environment, central directory and METADATA are within this many bytes.
TAIL = 64 * 1024
"""Bytes."""

REQUEST_COST = 256 * 1024
"""Bytes that take about as long to transfer as one more request."""

IN_MEMORY = 32 * 1024 * 1024
"""Wheels of up to this many bytes are held in memory; larger ones go through a temporary file."""


class _End(NamedTuple):
    start: int
    content: bytes


class BadWheelError(ValueError):
    """A file that is named like a wheel but is not one, or is a different one."""


class UnsafeWheelError(BadWheelError):
    """A wheel that cannot be unpacked safely into a folder."""


class Archives:
    """Reads wheels on servers, from many threads; the end of each file is fetched once."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._end = Once(self._fetch_end)

    def metadata(self, url: str, digest: str | None) -> bytes:
        """METADATA of a wheel.

        Raises:
            ResolutionError: there was no answer, or it was not the file.
            BadWheelError: it is not a wheel, or not the one that the index promised.
        """
        return self._read(url, digest, metadata_in)

    def compiled_code(self, url: str, digest: str | None) -> Compiled | None:
        """The first file with compiled code in a wheel.

        Raises:
            ResolutionError: there was no answer, or it was not the file.
            UnsafeWheelError: it cannot be unpacked safely into a folder.
            BadWheelError: it is not a wheel, or not the one that the index promised.
        """
        return self._read(url, digest, _compiled_in)

    def _fetch_end(self, url: str) -> _End | None:
        """The end of a file; all of it where the server knows no ranges, and None where even that did not come."""
        response = self._remote.get(url, IDENTITY | {"Range": f"bytes=-{TAIL}"})
        if response.status_code == 200:
            return _End(0, response.content)
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("Content-Range", ""))
        if response.status_code != 206 or found is None or int(found[1]) + len(response.content) != int(found[3]):
            return None
        return _End(int(found[1]), response.content)

    def _read(self, url: str, digest: str | None, read: Callable[[Readable], Found]) -> Found:
        end = self._end(url)
        if end is not None and end.start > 0:
            try:
                return read(_Pieces(self._remote, url, end))
            except _NoPiecesError:
                end = None
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as whole:
            if end is None:
                self._remote.save(url, whole)
            else:
                whole.write(end.content)
            whole.seek(0)
            actual = file_digest(whole, "sha256").hexdigest()
            whole.seek(0)
            if digest is not None and actual != digest:
                raise BadWheelError(f"its digest is sha256:{actual}, the index promised sha256:{digest}")
            return read(whole)


def metadata_in(wheel: Readable) -> bytes:
    """METADATA from a wheel's bytes (PEP 427).

    Raises:
        BadWheelError: it is not a wheel.
    """
    with _zip_file(wheel) as archive:
        names = [n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n)]
        if len(names) != 1:
            raise BadWheelError(f"it has {len(names)} METADATA files")
        return archive.read(names[0])


def _compiled_in(wheel: Readable) -> Compiled | None:
    with _zip_file(wheel) as archive:
        if (problem := unsafe(archive.infolist())) is not None:
            raise UnsafeWheelError(problem)
        if isinstance(wheel, _Pieces):
            wheel.fetch(heads(archive, gap=REQUEST_COST))
        return compiled_in(archive, wheel)


@contextmanager
def _zip_file(wheel: Readable) -> Iterator[zipfile.ZipFile]:
    """Open a wheel; whatever is wrong with it is a BadWheelError."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            yield archive
    except BadWheelError:
        raise
    except UnicodeDecodeError as exc:
        raise BadWheelError(f"a file in it has a name that is not UTF-8: {exc.object!r}") from exc
    except DAMAGE as exc:
        raise BadWheelError(f"it is not a zip file: {exc}") from exc


def compiled_code_in(wheel: bytes) -> Compiled | None:
    """The first file with compiled code in a wheel.

    Raises:
        UnsafeWheelError: it cannot be unpacked safely into a folder.
        BadWheelError: it is not a wheel.
    """
    return _compiled_in(io.BytesIO(wheel))


def check_identity(metadata: bytes, wheel: WheelName) -> None:
    """Compare name and version with those in the file name; installers go by METADATA.

    Raises:
        BadWheelError: they differ.
    """
    head = metadata.replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", errors="replace")
    name, version = (_field(head, key) for key in ("Name", "Version"))
    if canonicalize_name(name) != wheel.name:
        raise BadWheelError(f"its METADATA is for {name or 'no distribution'}")
    try:
        same = Version(version) == Version(wheel.version)
    except InvalidVersion:
        same = False
    if not same:
        raise BadWheelError(f"its METADATA is for {f'version {version}' if version else 'no version'}")


def _field(head: str, key: str) -> str:
    found = re.search(rf"(?mi)^{key}:[ \t]*(.*?)[ \t]*$", head)
    return found[1] if found else ""


class _NoPiecesError(Exception):
    """The server stopped sending ranges, or the whole file costs less than its pieces."""


class _Pieces(io.RawIOBase):
    """A remote file of which the tail is here; the rest is fetched as it is read."""

    def __init__(self, remote: Remote, url: str, end: _End) -> None:
        super().__init__()
        self._remote = remote
        self._url = url
        self._total = end.start + len(end.content)
        self._position = 0
        self._parts: list[tuple[int, bytes]] = [end]

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._total}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        start = self._position
        end = self._total if size < 0 else min(self._total, start + size)
        if end <= start:
            return b""
        self._position = end
        for first, part in self._parts:
            if first <= start and end <= first + len(part):
                return part[start - first : end - first]
        # A file follows its local header: fetching more than requested saves the next request.
        return self._fetch(start, max(end, start + TAIL))[: end - start]

    def fetch(self, spans: tuple[Span, ...]) -> None:
        """Fetch these parts before they are read.

        Raises:
            _NoPiecesError: the whole file costs less.
        """
        here = self._parts[0][0]
        missing = [span for span in spans if span.start < here]
        if length(missing) + REQUEST_COST * len(missing) > self._total + REQUEST_COST:
            raise _NoPiecesError
        for span in missing:
            self._fetch(span.start, span.stop)

    def _fetch(self, start: int, stop: int) -> bytes:
        stop = min(self._total, stop)
        response = self._remote.get(self._url, IDENTITY | {"Range": f"bytes={start}-{stop - 1}"})
        if response.status_code != 206 or len(response.content) != stop - start:
            raise _NoPiecesError
        self._parts.append((start, response.content))
        return response.content
