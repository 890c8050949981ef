"""HTTP through pip's session: clear errors, and files over connections that break."""

from __future__ import annotations

import socket
import ssl
import time
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from pip._internal.exceptions import PipError
from pip._vendor.requests.exceptions import ChunkedEncodingError, ContentDecodingError, RequestException
from pip._vendor.requests.exceptions import ConnectionError as RequestConnectionError
from pip._vendor.urllib3.exceptions import HTTPError, ProtocolError, ResponseError
from pip._vendor.urllib3.exceptions import TimeoutError as PoolTimeoutError

from snowbuild.errors import ResolutionError
from snowbuild.resolve.redact import without_credentials
from snowbuild.wheels.transfer import IDENTITY, CutError, copy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pip._internal.network.session import PipSession
    from pip._vendor.requests import Response

TRIES = 3
"""For a body that is cut short; pip's session itself retries whatever breaks earlier."""

BREAKS = (ChunkedEncodingError, ContentDecodingError, RequestConnectionError, HTTPError, OSError)
"""Errors of a body that ends too early or stalls."""


class Answer(NamedTuple):
    """A whole response."""

    status_code: int
    reason: str
    headers: Mapping[str, str]
    """By name, ignoring case."""
    url: str
    """Where it was found, after redirects."""
    content: bytes


class Remote:
    """The resolver's access to the network."""

    def __init__(self, session: PipSession, *, pause_s: float = 0.25) -> None:
        self._session = session
        self._pause_s = pause_s
        _remember_settings(session)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Fetch a URL, whatever the status; the body is complete.

        Raises:
            ResolutionError: there was no answer.
        """
        for attempt in range(TRIES):
            with self._open("GET", url, headers or {}) as response:
                cause: Exception | None = None
                try:
                    # In one piece: requests itself would join pieces of ten kilobytes.
                    content = response.raw.read(decode_content=True)
                except BREAKS as exc:
                    cause = exc
                else:
                    if _is_whole(response):
                        return Answer(
                            response.status_code, response.reason or "", response.headers, response.url, content
                        )
            time.sleep(self._pause_s * 2**attempt)
        raise _unreachable(url, cause or CutError())

    def save(self, url: str, file: IO[bytes]) -> None:
        """Write a whole file into an empty one; resumed where the connection broke.

        Raises:
            ResolutionError: there was no answer, or it was not the file.
        """

        def request(headers: Mapping[str, str]) -> Response:
            response = self._open("GET", url, headers)
            if response.status_code in {200, 206}:
                return response
            response.close()
            raise ResolutionError(
                f"{urlsplit(url).hostname} answered {response.status_code} {response.reason}".rstrip(),
                where=without_credentials(url),
            )

        try:
            copy(request, file, breaks=BREAKS, tries=TRIES, pause_s=self._pause_s)
        except CutError as exc:
            raise _unreachable(url, exc) from exc

    def size(self, url: str) -> int | None:
        """The length of a file in bytes, without fetching it; None if the server does not say."""
        with self._open("HEAD", url, IDENTITY) as response:
            length = response.headers.get("Content-Length", "")
            return int(length) if response.status_code == 200 and length.isdecimal() else None

    def _open(self, method: str, url: str, headers: Mapping[str, str]) -> Response:
        try:
            return self._session.request(method, url, headers=dict(headers), allow_redirects=True, stream=True)
        except (PipError, RequestException, HTTPError, OSError, ValueError) as exc:
            raise _unreachable(url, exc) from exc


def _remember_settings(session: PipSession) -> None:
    """Look up proxies and certificates once per server; requests would search the environment every time."""
    look_up = session.merge_environment_settings
    known: dict[tuple[object, ...], Any] = {}

    def settings(url: str, *rest: Any) -> Any:
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc, *map(repr, rest))
        if key not in known:
            known[key] = look_up(url, *rest)
        return dict(known[key])

    vars(session)["merge_environment_settings"] = settings


def _is_whole(response: Response) -> bool:
    """Compare the length of the body with the promised one, which older versions of pip's libraries do not."""
    length = response.headers.get("Content-Length", "")
    # The length is that of the bytes sent, compressed or not; with 304, that of the omitted body.
    return response.status_code == 304 or not length.isdecimal() or int(length) == response.raw.tell()


def _unreachable(url: str, exc: BaseException) -> ResolutionError:
    error = ResolutionError(
        f"{urlsplit(url).hostname or 'the server'} {_reason(exc)}",
        where=without_credentials(url),
        hint="check the network, the proxy variables and dependencies.index-urls",
    )
    error.__cause__ = exc
    return error


def _reason(exc: BaseException) -> str:
    """What went wrong, in the same words for every version of pip and its libraries."""
    chain: list[BaseException] = []
    todo: list[object] = [exc]
    while todo:
        item = todo.pop(0)
        if isinstance(item, BaseException) and item not in chain:
            chain.append(item)
            todo += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
    kinds = (
        ((ssl.SSLError,), "has a certificate that cannot be verified"),
        ((socket.gaierror,), "is unknown: its name has no address"),
        ((ConnectionRefusedError,), "refused the connection"),
        ((TimeoutError, PoolTimeoutError), "did not answer in time"),
        ((ConnectionError, ProtocolError, ChunkedEncodingError, CutError), "broke the connection off"),
    )
    for item in chain:
        # urllib3 says: "too many 503 error responses".
        if isinstance(item, ResponseError):
            return f"keeps failing: {item}"
    for classes, words in kinds:
        if any(isinstance(item, classes) for item in chain):
            return words
    return "cannot be reached"
