"""Index pages as values: PEP 691 (JSON) and PEP 503 (HTML). Pure.

Nothing on a page is trusted: what does not look like a wheel of the project is passed over.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from snowbuild.resolve.wheels import WheelName, parse_wheel_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ACCEPT = ", ".join(
    (
        "application/vnd.pypi.simple.v1+json",
        "application/vnd.pypi.simple.v1+html; q=0.1",
        "text/html; q=0.01",
    )
)

JSON_TYPES = ("application/vnd.pypi.simple.v1+json", "application/json")
HTML_TYPES = ("application/vnd.pypi.simple.v1+html", "text/html")

_SHA256 = re.compile(r"[0-9a-f]{64}")


class PageError(ValueError):
    """A page that is no project page; the message says what it is instead."""


@dataclass(frozen=True, slots=True)
class IndexFile:
    """A wheel on an index page."""

    wheel: WheelName
    version: Version
    url: str
    """Absolute, without a fragment."""
    sha256: str | None
    size: int | None
    """In bytes."""
    requires_python: str | None
    yanked: bool
    metadata: str | bool
    """PEP 658: whether METADATA has a file of its own, or that file's sha256."""
    upload_time: str | None
    """As the index writes it; see `uploaded`."""

    @property
    def uploaded(self) -> datetime | None:
        """When it was uploaded, in UTC; read when it is asked for, because most resolutions never do."""
        return _time(self.upload_time)


@dataclass(frozen=True, slots=True)
class Page:
    """What an index has of a project."""

    wheels: tuple[IndexFile, ...]
    """In the order of the page, unique by file name."""
    others: tuple[str, ...]
    """File names that are no wheels, source archives mostly."""


def read_page(content: bytes, content_type: str, url: str, name: str) -> Page:
    """Read the page of a project; `url` is where it was found, after redirections.

    Raises:
        PageError: it is neither the JSON nor the HTML of a project page.
    """
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind in JSON_TYPES:
        rows = _json_rows(content)
    elif kind in HTML_TYPES:
        charset = re.search(r"charset=\"?([\w-]+)", parameters)
        rows = _html_rows(content, charset[1] if charset else "utf-8", url)
    else:
        raise PageError(f"it answered with {kind or 'no content type'} instead of a project page")
    wheels: dict[str, IndexFile] = {}
    others: list[str] = []
    for row in rows:
        filename = row.get("filename")
        if not isinstance(filename, str):
            continue
        if not filename.endswith(".whl"):
            others.append(filename)
        elif filename not in wheels and (file := _file(row, filename, url, name)) is not None:
            wheels[filename] = file
    return Page(tuple(wheels.values()), tuple(others))


def _file(row: dict[str, Any], filename: str, page_url: str, name: str) -> IndexFile | None:
    wheel = parse_wheel_name(filename)
    if wheel is None or wheel.name != name or not isinstance(row.get("url"), str):
        return None
    version = _version(wheel.version)
    url = row["url"]
    # A page has thousands of URLs; taking them apart and joining them takes longer than all the rest.
    if not url.startswith(("https://", "http://")) or "#" in url:
        url = urldefrag(urljoin(page_url, url))[0]
    # A page from the network must not make us read files of this machine.
    if version is None or not url.startswith(("https://", "http://")):
        return None
    size, requires_python, upload_time = row.get("size"), row.get("requires-python"), row.get("upload-time")
    return IndexFile(
        wheel=wheel,
        version=version,
        url=url,
        sha256=_sha256(row.get("hashes")),
        size=size if isinstance(size, int) and size >= 0 else None,
        requires_python=requires_python if isinstance(requires_python, str) and requires_python else None,
        yanked=row.get("yanked") not in (None, False),
        metadata=_metadata(row.get("core-metadata", row.get("dist-info-metadata"))),
        upload_time=upload_time if isinstance(upload_time, str) else None,
    )


def _json_rows(content: bytes) -> list[dict[str, Any]]:
    try:
        page = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise PageError("it answered with invalid JSON") from exc
    if not isinstance(page, dict) or not isinstance(page.get("files"), list):
        raise PageError("it answered with JSON that is no project page (PEP 691)")
    meta = page.get("meta")
    version = str(meta.get("api-version", "1.0")) if isinstance(meta, dict) else "1.0"
    if version.partition(".")[0] != "1":
        raise PageError(f"it speaks version {version} of the index API; versions 1.x are understood")
    return [row for row in page["files"] if isinstance(row, dict)]


class _Anchors(HTMLParser):
    """The links of a PEP 503 page, as rows of PEP 691."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.base = url
        self.rows: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        href = found.get("href")
        if href and tag == "base":
            self.base = urljoin(self.base, href)
        if href and tag == "a":
            self.rows.append(self._row(href, found))

    def _row(self, href: str, found: dict[str, str | None]) -> dict[str, Any]:
        url, fragment = urldefrag(urljoin(self.base, href))
        algorithm, _, digest = fragment.partition("=")
        stated = found.get("data-core-metadata", found.get("data-dist-info-metadata"))
        kind, _, value = (stated or "").partition("=")
        return {
            "filename": unquote(urlsplit(url).path).rpartition("/")[2],
            "url": url,
            "hashes": {algorithm: digest},
            "requires-python": found.get("data-requires-python"),
            "yanked": found.get("data-yanked") or "" if "data-yanked" in found else False,
            "core-metadata": {kind: value} if value else stated == "true",
        }


def _html_rows(content: bytes, charset: str, url: str) -> list[dict[str, Any]]:
    parser = _Anchors(url)
    try:
        parser.feed(content.decode(charset))
    except (LookupError, UnicodeDecodeError) as exc:
        raise PageError(f"it answered with a page that is not {charset}") from exc
    return parser.rows


@cache
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _sha256(hashes: object) -> str | None:
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    return digest.lower() if isinstance(digest, str) and _SHA256.fullmatch(digest.lower()) else None


def _metadata(stated: object) -> str | bool:
    if isinstance(stated, dict):
        return _sha256(stated) or True
    return stated is True


def _time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def versions_of(filenames: Iterable[str], name: str) -> Iterator[Version]:
    """The versions of source archives, as far as their names tell (PEP 625)."""
    for filename in filenames:
        stem = filename.removesuffix(".zip").removesuffix(".tar.gz")
        project, _, version = stem.rpartition("-")
        found = _version(version)
        if canonicalize_name(project) == name and found is not None:
            yield found
