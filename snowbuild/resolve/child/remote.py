"""HTTP through pip's session: requests that say clearly what went wrong, and wheels read in pieces."""

from __future__ import annotations

import io
import re
import socket
import ssl
import zipfile
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pip._internal.exceptions import PipError
from pip._vendor.requests.exceptions import RequestException
from pip._vendor.urllib3.exceptions import HTTPError, ResponseError
from pip._vendor.urllib3.exceptions import TimeoutError as PoolTimeoutError

from snowbuild.errors import ResolutionError
from snowbuild.resolve.redact import without_credentials

if TYPE_CHECKING:
    from pip._internal.network.session import PipSession
    from pip._vendor.requests import Response

# Half of the wheels of an AutoGluon environment have their central directory and METADATA within this many bytes.
TAIL = 64 * 1024

# Servers may compress what they send; lengths and digests are those of the file itself.
IDENTITY = {"Accept-Encoding": "identity"}


class BadWheelError(ValueError):
    """A file that is called a wheel and is none."""


class Remote:
    """The network, as the resolver sees it."""

    def __init__(self, session: PipSession) -> None:
        self._session = session

    def get(self, url: str, headers: dict[str, str] | None = None) -> Response:
        """Fetch a URL, whatever the status.

        Raises:
            ResolutionError: there was no answer.
        """
        return self._request("GET", url, headers or {})

    def content(self, url: str) -> bytes:
        """Fetch a whole file.

        Raises:
            ResolutionError: there was no answer, or not the file.
        """
        return _expect(self.get(url, IDENTITY), url).content

    def size(self, url: str) -> int | None:
        """The length of a file in bytes, without fetching it; None when the server does not tell."""
        response = self._request("HEAD", url, IDENTITY)
        length = response.headers.get("Content-Length", "")
        return int(length) if response.status_code == 200 and length.isdecimal() else None

    def metadata_of_wheel(self, url: str, digest: str | None) -> bytes:
        """METADATA of a wheel, by range requests if the server knows them, else out of the whole wheel.

        Raises:
            ResolutionError: there was no answer, or not the file.
            BadWheelError: it is no wheel, or another one than the index promised.
        """
        response = self.get(url, IDENTITY | {"Range": f"bytes=-{TAIL}"})
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("Content-Range", ""))
        if response.status_code == 206 and found is not None:
            start, total = int(found[1]), int(found[3])
            try:
                return metadata_in(_Pieces(self, url, total, start, response.content))
            except _NoPiecesError:
                pass
        whole = response.content if response.status_code == 200 else self.content(url)
        if digest is not None and sha256(whole).hexdigest() != digest:
            raise BadWheelError(f"its digest is sha256:{sha256(whole).hexdigest()}, the index promised sha256:{digest}")
        return metadata_in(io.BytesIO(whole))

    def _request(self, method: str, url: str, headers: dict[str, str]) -> Response:
        try:
            return self._session.request(method, url, headers=headers, allow_redirects=True)
        except (PipError, RequestException, HTTPError, OSError, ValueError) as exc:
            raise ResolutionError(
                f"{urlsplit(url).hostname or 'the server'} {_reason(exc)}",
                where=without_credentials(url),
                hint="check the network, the proxy variables and dependencies.index-urls",
            ) from exc


def metadata_in(wheel: io.IOBase) -> bytes:
    """METADATA out of a wheel's bytes (PEP 427).

    Raises:
        BadWheelError: it is no wheel.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n)]
            if len(names) != 1:
                raise BadWheelError(f"it has {len(names)} METADATA files")
            return bytes(archive.read(names[0]))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as exc:
        raise BadWheelError(f"it is no zip file: {exc}") from exc


class _NoPiecesError(Exception):
    """The server gave one range and then no other."""


class _Pieces(io.RawIOBase):
    """A remote file of which the tail is here; the rest is fetched where it is read."""

    def __init__(self, remote: Remote, url: str, total: int, start: int, tail: bytes) -> None:
        super().__init__()
        self._remote = remote
        self._url = url
        self._total = total
        self._position = 0
        self._parts: list[tuple[int, bytes]] = [(start, tail)]

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
        # A local header and its file follow one another: fetching more than was asked saves the next request.
        stop = min(self._total, max(end, start + TAIL))
        response = self._remote.get(self._url, IDENTITY | {"Range": f"bytes={start}-{stop - 1}"})
        if response.status_code != 206 or len(response.content) != stop - start:
            raise _NoPiecesError
        self._parts.append((start, response.content))
        return response.content[: end - start]


def _expect(response: Response, url: str) -> Response:
    if response.status_code == 200:
        return response
    raise ResolutionError(
        f"{urlsplit(url).hostname} answered {response.status_code} {response.reason}".rstrip(),
        where=without_credentials(url),
    )


def _reason(exc: BaseException) -> str:
    """What went wrong, in words that hold for every version of pip and of its libraries."""
    chain: list[BaseException] = []
    todo: list[object] = [exc]
    while todo:
        item = todo.pop(0)
        if isinstance(item, BaseException) and item not in chain:
            chain.append(item)
            todo += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
    kinds = (
        ((ssl.SSLError,), "has a certificate that cannot be verified"),
        ((socket.gaierror,), "is not known: its name has no address"),
        ((ConnectionRefusedError,), "refused the connection"),
        ((TimeoutError, PoolTimeoutError), "did not answer in time"),
        ((ConnectionError,), "broke the connection off"),
    )
    for item in chain:
        # The words of urllib3: "too many 503 error responses".
        if isinstance(item, ResponseError):
            return f"keeps failing: {item}"
    for classes, words in kinds:
        if any(isinstance(item, classes) for item in chain):
            return words
    return "cannot be reached"
