"""Wheels from where they were locked into the folder of artifacts, hashed while they are copied."""

from __future__ import annotations

import hashlib
import os
import shutil
from posixpath import commonpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from snowbuild.digest import sha256_file
from snowbuild.errors import DigestMismatchError, SnowbuildError
from snowbuild.files.atomic import written_beside
from snowbuild.wheels.transfer import CutError, copy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from urllib.parse import SplitResult

    from snowbuild.distribution import Wheel
    from snowbuild.wheels.transfer import Response

RETRIES = 4
TIMEOUT_S = (10.0, 60.0)
"""For connecting, and between two packets."""


def download(
    url: str,
    destination: Path,
    *,
    sha256: str,
    index_urls: Sequence[str],
    timeout_s: tuple[float, float] = TIMEOUT_S,
    pause_s: float = 0.5,
) -> None:
    """Fetch a file and move it into place once its digest is right.

    `index_urls` may hold credentials; they are used only for their own hosts and never shown. Of several indexes on one
    host, the one with the longest matching path counts. A broken download is resumed where it stopped, after a pause
    that doubles each time.

    Raises:
        DigestMismatchError: the bytes are not the locked ones; nothing is left behind.
        SnowbuildError: the host cannot be reached, has no such file, or keeps breaking the connection.
    """
    # Imported late: only a deployment that has to download wheels needs it.
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    destination.parent.mkdir(parents=True, exist_ok=True)
    retry = Retry(RETRIES, backoff_factor=pause_s, status_forcelist=(429, 500, 502, 503, 504))
    with requests.Session() as session, written_beside(destination) as file:
        session.mount("https://", HTTPAdapter(max_retries=retry))
        session.mount("http://", HTTPAdapter(max_retries=retry))
        credentials = credentials_for(url, index_urls)

        def request(headers: Mapping[str, str]) -> Response:
            response = session.get(url, headers=headers, stream=True, timeout=timeout_s, auth=credentials)
            if response.status_code not in {200, 206}:
                response.close()
                raise requests.HTTPError(response=response)
            return response

        breaks = (requests.exceptions.ChunkedEncodingError, requests.ConnectionError)
        try:
            copy(request, file, breaks=breaks, pause_s=pause_s)
        except (requests.RequestException, CutError) as exc:
            raise SnowbuildError(
                f"cannot be downloaded from {urlsplit(url).hostname}: {_reason(exc)}",
                where=destination.name,
                hint="is the index reachable?",
            ) from exc
        file.seek(0)
        actual = hashlib.file_digest(file, "sha256").hexdigest()
        if actual != sha256:
            raise DigestMismatchError(
                destination.name,
                expected=sha256,
                actual=actual,
                hint="the index, or something in between, changed the file; do not deploy it",
            )


def fetch_wheel(wheel: Wheel, destination: Path, *, root: Path, index_urls: Sequence[str]) -> None:
    """Copy a locked wheel into place: from its index or, if it is local, from its path below `root`.

    Raises:
        DigestMismatchError, SnowbuildError: as for `download`; or the local wheel is missing or has changed.
    """
    if wheel.url is not None:
        download(wheel.url, destination, sha256=wheel.sha256, index_urls=index_urls)
        return
    source = root / (wheel.path or "")
    if not source.is_file():
        raise SnowbuildError("no such file", where=wheel.path, hint="restore it, or change the requirement")
    if (actual := sha256_file(source)) != wheel.sha256:
        raise DigestMismatchError(
            wheel.path or wheel.filename, expected=wheel.sha256, actual=actual, hint="run `snowbuild lock`"
        )
    # Not a link: damage to the artifacts must not reach the user's own file.
    _copy_file(source, destination)


def link_or_copy(source: Path, destination: Path) -> None:
    """Link a file, or copy it if links are not possible."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    destination.unlink(missing_ok=True)
    try:
        os.link(source, destination)
    except OSError:
        _copy_file(source, destination)


def _copy_file(source: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as read, written_beside(destination) as write:
        shutil.copyfileobj(read, write)


def credentials_for(url: str, index_urls: Sequence[str]) -> tuple[str, str] | None:
    """User name and password for a URL, from the index on the same host with the longest matching path. Pure."""
    wanted = urlsplit(url)
    there = [i for i in map(urlsplit, index_urls) if _origin(i) == _origin(wanted)]

    def nearness(index: SplitResult) -> tuple[int, bool]:
        # As pip does while locking; among equal matches, the first one with credentials.
        return len(commonpath((f"/{index.path}", f"/{wanted.path}"))), index.username is not None

    nearest = max(there, key=nearness, default=None)
    if nearest is None or nearest.username is None:
        return None
    return unquote(nearest.username), unquote(nearest.password or "")


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port


def _reason(exc: Exception) -> str:
    if isinstance(exc, CutError):
        return "the connection kept breaking"
    response = getattr(exc, "response", None)
    if response is not None:
        return f"HTTP {response.status_code}"
    return _WORDS.get(type(exc).__name__, "the host cannot be reached")


_WORDS = {
    "ConnectTimeout": "the host does not answer in time",
    "ReadTimeout": "the host does not answer in time",
    "RetryError": "the host keeps failing",
    "SSLError": "the host's certificate cannot be verified",
    "TooManyRedirects": "too many redirects",
}
"""By the names of requests' classes, since requests is imported late."""
