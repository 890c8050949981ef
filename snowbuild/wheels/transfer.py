"""Files over connections that break: resumed if the server allows it, restarted if it does not.

Independent of any HTTP library: the resolver's process has pip's copy of requests, everything else the real one.
"""

from __future__ import annotations

import time
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TRIES = 4
"""Attempts in a row without progress before giving up."""

CHUNK = 1 << 16
"""In bytes; the most that is lost when a connection breaks."""

# Servers may compress what they send; positions, lengths and digests are those of the file itself.
IDENTITY = {"Accept-Encoding": "identity"}


class Response(Protocol):
    """The parts of a requests response that are used; opened with `stream=True`."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """By name, ignoring case."""

    def iter_content(self, chunk_size: int) -> Iterator[bytes]:
        """The body in pieces; raises when the connection breaks."""

    def close(self) -> None:
        """Release the connection."""


class CutError(Exception):
    """The connection kept breaking; the cause is the last error, if there was one."""


def copy(
    request: Callable[[Mapping[str, str]], Response],
    file: IO[bytes],
    *,
    breaks: tuple[type[Exception], ...],
    tries: int = TRIES,
    pause_s: float = 0.5,
) -> None:
    """Write a whole body into an empty file.

    `request` sends the request with these headers, and raises an error for every status but 200 and 206; `breaks` are
    the errors of a body that ends too early or stalls. The pause doubles with each try.

    Raises:
        CutError: it did not come through.
    """
    reached = failures = 0
    validator: str | None = None
    while True:
        position = file.tell()
        # Without a validator, a file that changed meanwhile would be pieced together from two (RFC 9110, 13.1.5);
        # the caller compares digests, so even then resuming is worth a try.
        resume = {"Range": f"bytes={position}-"} | ({"If-Range": validator} if validator else {}) if position else {}
        response = request(IDENTITY | resume)
        if position and not _goes_on(response, position):
            position = 0
            file.seek(0)
            file.truncate()
        cause: Exception | None = None
        try:
            expected = _length(response)
            for chunk in response.iter_content(CHUNK):
                file.write(chunk)
        except breaks as exc:
            cause = exc
        finally:
            response.close()
        if cause is None and expected in (None, file.tell() - position):
            return
        etag = response.headers.get("ETag", "")
        validator = etag if etag and not etag.startswith("W/") else None
        failures = 0 if file.tell() > reached else failures + 1
        reached = max(reached, file.tell())
        if failures >= tries:
            raise CutError from cause
        time.sleep(pause_s * 2**failures)


def _goes_on(response: Response, position: int) -> bool:
    return response.status_code == 206 and response.headers.get("Content-Range", "").startswith(f"bytes {position}-")


def _length(response: Response) -> int | None:
    length = response.headers.get("Content-Length", "")
    as_it_is = response.headers.get("Content-Encoding", "identity").lower() == "identity"
    return int(length) if as_it_is and length.isdecimal() else None
