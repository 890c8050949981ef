"""A package index on loopback, made of small real wheels; for every test that needs one.

    with Index() as index:
        index.add(build_wheel("foo", "1.0", requires=["bar>=2"]))
        ... index.url ...

Wheels are made of nothing but their arguments: the same call gives the same bytes everywhere.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import sys
import threading
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

JSON_TYPE = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltWheel:
    """A wheel's bytes and what an index says of it."""

    name: str
    version: str
    filename: str
    content: bytes
    metadata: bytes
    requires_python: str | None = None
    yanked: bool = False
    uploaded: str | None = "2026-01-01T00:00:00Z"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def build_wheel(
    name: str,
    version: str = "1.0",
    *,
    tag: str = "py3-none-any",
    requires: Iterable[str] = (),
    extras: Iterable[str] = (),
    requires_python: str | None = None,
    modules: Mapping[str, str | bytes] | None = None,
    padding: int = 0,
    yanked: bool = False,
    uploaded: str | None = "2026-01-01T00:00:00Z",
) -> BuiltWheel:
    """Build a wheel (PEP 427) deterministically; `modules` maps paths in it to their content, `padding` is in bytes."""
    lines = ["Metadata-Version: 2.3", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {requirement}" for requirement in requires]
    metadata = ("\n".join(lines) + "\n").encode()
    stem = f"{re.sub(r'[-_.]+', '_', name)}-{version}"
    info = f"{stem}.dist-info"
    pure = str(tag.endswith("-any")).lower()
    contents = sorted((modules or {}).items())
    files = {path: c.encode() if isinstance(c, str) else c for path, c in contents}
    files |= {f"{stem}.data/data/padding": b"\0" * padding} if padding else {}
    files[f"{info}/METADATA"] = metadata
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {pure}\nTag: {tag}\n".encode()
    record = "".join(f"{path},sha256={_record_digest(data)},{len(data)}\n" for path, data in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), data)
    return BuiltWheel(
        name=re.sub(r"[-_.]+", "-", name).lower(),
        version=version,
        filename=f"{stem}-{tag}.whl",
        content=buffer.getvalue(),
        metadata=metadata,
        requires_python=requires_python,
        yanked=yanked,
        uploaded=uploaded,
    )


def _record_digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


@dataclass
class Index:
    """A simple index (PEP 503 and 691) with files of its own; a context manager."""

    html_only: bool = False
    """PEP 503 pages only: neither sizes nor upload times."""
    hashes: bool = True
    sizes: bool = True
    own_metadata: bool = True
    """PEP 658."""
    ranges: bool = True
    auth: tuple[str, str] | None = None
    """User name and password for every request."""
    wheels: dict[str, list[BuiltWheel]] = field(default_factory=dict)
    sources: dict[str, list[str]] = field(default_factory=dict)
    """File names of source archives, by project."""
    answers: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    """Fixed answers by path: status, content type, body."""
    etags: bool = False
    """Validators, and 304 for those who have it already."""
    cuts: dict[str, list[int]] = field(default_factory=dict)
    """By path: the bytes of their body after which the next answers break off, one each."""
    stalls: dict[str, list[float]] = field(default_factory=dict)
    """By path: the seconds before the body of the next answers, one each."""
    log: list[str] = field(default_factory=list)
    """Method and path of every request, and its range where there was one."""

    def add(self, *wheels: BuiltWheel) -> Self:
        """Put wheels on the index."""
        for wheel in wheels:
            self.wheels.setdefault(wheel.name, []).append(wheel)
        return self

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """The base URL of the index."""
        return f"{self.origin}/simple/"

    @property
    def url_with_credentials(self) -> str:
        """The base URL with the user name and password that the index wants."""
        assert self.auth is not None
        user, password = self.auth
        return self.url.replace("://", f"://{user}:{password}@")

    def file_url(self, wheel: BuiltWheel) -> str:
        """Where a wheel is."""
        return f"{self.origin}/files/{wheel.filename}"

    def page(self, name: str) -> tuple[int, str, bytes]:
        """The page of a project: status, content type, body."""
        if name not in self.wheels and name not in self.sources:
            return 404, "text/plain", b"no such project"
        return (200, "text/html", self._html(name)) if self.html_only else (200, JSON_TYPE, self._json(name))

    def file(self, filename: str) -> bytes | None:
        """The content of a wheel, or of its METADATA."""
        for wheel in (wheel for wheels in self.wheels.values() for wheel in wheels):
            if filename == wheel.filename:
                return wheel.content
            if filename == f"{wheel.filename}.metadata" and self.own_metadata:
                return wheel.metadata
        return None

    def _json(self, name: str) -> bytes:
        files: list[dict[str, object]] = []
        for wheel in self.wheels.get(name, ()):
            row: dict[str, object] = {"filename": wheel.filename, "url": f"../../files/{wheel.filename}"}
            row["hashes"] = {"sha256": wheel.sha256} if self.hashes else {}
            row |= {"size": len(wheel.content)} if self.sizes else {}
            row |= {"upload-time": wheel.uploaded} if wheel.uploaded else {}
            row |= {"requires-python": wheel.requires_python} if wheel.requires_python else {}
            row["yanked"] = "broken" if wheel.yanked else False
            row["core-metadata"] = (
                {"sha256": hashlib.sha256(wheel.metadata).hexdigest()} if self.own_metadata else False
            )
            files.append(row)
        files += [{"filename": f, "url": f"../../files/{f}", "hashes": {}} for f in self.sources.get(name, ())]
        return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": files}).encode()

    def _html(self, name: str) -> bytes:
        lines = ["<!DOCTYPE html><html><body>"]
        for wheel in self.wheels.get(name, ()):
            fragment = f"#sha256={wheel.sha256}" if self.hashes else ""
            python = f' data-requires-python="{html.escape(wheel.requires_python)}"' if wheel.requires_python else ""
            yanked = ' data-yanked="broken"' if wheel.yanked else ""
            own = ' data-core-metadata="true"' if self.own_metadata else ""
            href = f"../../files/{wheel.filename}{fragment}"
            lines.append(f'<a href="{href}"{python}{yanked}{own}>{wheel.filename}</a><br>')
        return "\n".join([*lines, "</body></html>"]).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, index: Index) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.index = index

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that leave before the answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # It only passes them on.


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:  # The base class wants this name.
        self._answer(body=True)

    def do_HEAD(self) -> None:  # The base class wants this name.
        self._answer(body=False)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # The base class names it so.
        pass

    def _answer(self, *, body: bool) -> None:
        index = self.server.index
        wanted = self.headers.get("Range", "")
        index.log.append(" ".join(filter(None, (self.command, self.path, wanted))))
        status, kind, content = self._content(index)
        headers = {"Content-Type": kind}
        etag = f'"{hashlib.sha256(content).hexdigest()}"'
        if self.headers.get("If-Range", etag) != etag:
            wanted = ""
        if status == 200 and index.ranges and (part := _part(wanted, len(content))):
            headers["Content-Range"] = f"bytes {part[0]}-{part[1] - 1}/{len(content)}"
            status, content = 206, content[part[0] : part[1]]
        headers |= {"WWW-Authenticate": 'Basic realm="index"'} if status == 401 else {}
        if index.etags and status in {200, 206}:
            headers["ETag"] = etag
            if self.headers.get("If-None-Match") == etag:
                status, content = 304, b""
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if not body:
            return
        if stalls := index.stalls.get(self.path):
            time.sleep(stalls.pop(0))
        if cuts := index.cuts.get(self.path):
            content = content[: cuts.pop(0)]
            self.close_connection = True
        # Whoever does not wait for a slow answer closes the connection before it comes.
        with suppress(ConnectionError):
            self.wfile.write(content)

    def _content(self, index: Index) -> tuple[int, str, bytes]:
        if index.auth is not None:
            expected = base64.b64encode(":".join(index.auth).encode()).decode()
            if self.headers.get("Authorization") != f"Basic {expected}":
                return 401, "text/plain", b"who are you?"
        if self.path in index.answers:
            return index.answers[self.path]
        if page := re.fullmatch(r"/simple/([^/]+)/", self.path):
            return index.page(page[1])
        content = index.file(self.path.rpartition("/")[2])
        return (404, "text/plain", b"no such file") if content is None else (200, "application/zip", content)


def _part(wanted: str, size: int) -> tuple[int, int] | None:
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
    if found is None:
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size
    return int(found[1]), min(size, int(found[2]) + 1) if found[2] else size
