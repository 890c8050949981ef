"""Wheels from where they were locked, into the folder of artifacts; every byte is hashed on its way."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

from snowbuild.errors import DigestMismatchError, SnowbuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TRIES = 4
TIMEOUT_S = (10, 60)
"""To connect, and between two packets."""
CHUNK = 1 << 20
"""Bytes."""


def download(url: str, destination: Path, *, sha256: str, index_urls: Sequence[str]) -> None:
    """Fetch a file and move it to its place once its digest is right.

    `index_urls` may hold credentials; they are used for their own hosts and appear nowhere.

    Raises:
        DigestMismatchError: the bytes are not those that were locked; nothing is left behind.
        SnowbuildError: the host cannot be reached, or has no such file.
    """
    # Imported late: only a deployment with wheels that are not here yet needs it.
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    retry = Retry(TRIES, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504))
    with requests.Session() as session, written_beside(destination) as file:
        session.mount("https://", HTTPAdapter(max_retries=retry))
        session.mount("http://", HTTPAdapter(max_retries=retry))
        try:
            with session.get(url, stream=True, timeout=TIMEOUT_S, auth=_credentials(url, index_urls)) as response:
                response.raise_for_status()
                # A server's own compression would change what is hashed.
                actual = _copy(response.iter_content(CHUNK), file)
        except requests.RequestException as exc:
            raise SnowbuildError(
                f"cannot be downloaded: {_reason(exc)}", where=destination.name, hint="is the index reachable?"
            ) from exc
        if actual != sha256:
            raise DigestMismatchError(
                destination.name,
                expected=sha256,
                actual=actual,
                hint="the index changed the file, or something between changed it; do not deploy it",
            )


@contextmanager
def written_beside(destination: Path) -> Iterator[IO[bytes]]:
    """A file that takes its place only when the block ends well."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=destination.parent, prefix=".", suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        beside.chmod(0o644)
        beside.replace(destination)
    finally:
        beside.unlink(missing_ok=True)


def _copy(chunks: Iterator[bytes], file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        file.write(chunk)
    return digest.hexdigest()


def _credentials(url: str, index_urls: Sequence[str]) -> tuple[str, str] | None:
    wanted = urlsplit(url)
    for index in map(urlsplit, index_urls):
        if index.username is not None and (index.scheme, index.hostname, index.port) == (
            wanted.scheme,
            wanted.hostname,
            wanted.port,
        ):
            return index.username, index.password or ""
    return None


def _reason(exc: Exception) -> str:
    response = getattr(exc, "response", None)
    if response is not None:
        return f"HTTP {response.status_code}"
    return type(exc).__name__
