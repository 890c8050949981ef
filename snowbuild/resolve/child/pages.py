"""Index pages as values: PEP 691 (JSON) and PEP 503 (HTML). Pure.

Nothing on a page is trusted: whatever does not look like a wheel of the project is skipped.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from snowbuild.wheels.filename import WheelName, normalized, parse_wheel_name

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
    """Not a project page; the message says what it is instead."""


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
    """PEP 658: whether there is a separate METADATA file, or that file's sha256."""
    upload_time: str | None
    """As the index writes it; see `uploaded`."""

    @property
    def uploaded(self) -> datetime | None:
        """When it was uploaded, in UTC; parsed on demand, because most resolutions never need it."""
        return _time(self.upload_time)


class Digests(msgspec.Struct, frozen=True, gc=False):
    """Digests of a file, in a third of the memory that a dictionary would take for each of 190,000 files."""

    sha256: str = ""


class Row(msgspec.Struct, frozen=True, gc=False):
    """A file as on the page (PEP 691); fields of the wrong type are left out."""

    filename: str
    url: str
    """Absolute, or relative to the page."""
    hashes: Digests = Digests()
    requires_python: str | None = msgspec.field(name="requires-python", default=None)
    size: int | None = None
    yanked: bool | str | None = False
    core_metadata: bool | Digests | None = msgspec.field(name="core-metadata", default=None)
    dist_info_metadata: bool | Digests | None = msgspec.field(name="dist-info-metadata", default=None)
    """What PEP 714 calls `core-metadata`."""
    upload_time: str | None = msgspec.field(name="upload-time", default=None)

    @property
    def tags(self) -> str:
        """The tags of a wheel, as written in its name."""
        return "-".join(self.filename[:-4].rsplit("-", 3)[1:])


class Page:
    """A project's files on an index; parsed one by one on demand, because there can be thousands."""

    def __init__(self, rows: Iterable[Row], url: str, name: str) -> None:
        """`url` is where the page was found, `name` normalized."""
        self.url = url
        self.versions: dict[Version, list[Row]] = {}
        """Wheels of the project in the order of the page, unique by file name."""
        self.others: list[str] = []
        """File names that are not wheels, mostly source archives."""
        seen: set[str] = set()
        # The common part of a version's file names is parsed once: the pages of an AutoGluon environment list 190,000
        # wheels, but far fewer versions.
        places: dict[str, list[Row] | None] = {}
        for row in rows:
            filename = row.filename
            if not filename.endswith(".whl"):
                self.others.append(filename)
            elif filename not in seen and _may_be_wheel(row):
                head = filename[: filename.index("-", filename.index("-") + 1)]
                if head not in places:
                    version = _version_of(head, name)
                    places[head] = None if version is None else self.versions.setdefault(version, [])
                if (place := places[head]) is not None:
                    seen.add(filename)
                    place.append(row)

    def __bool__(self) -> bool:
        return bool(self.versions or self.others)

    def files(self, version: Version) -> list[IndexFile]:
        """The wheels of a version; empty if there are none."""
        found = (_file(row, version, self.url) for row in self.versions.get(version, ()))
        return [file for file in found if file is not None]


def read_page(content: bytes, content_type: str, url: str, name: str) -> Page:
    """Read the page of a project; `url` is where it was found, after redirects.

    Raises:
        PageError: it is neither the JSON nor the HTML of a project page.
    """
    kind, _, parameters = content_type.partition(";")
    kind = kind.strip().lower()
    if kind in JSON_TYPES:
        return Page(_json_rows(content), url, name)
    if kind in HTML_TYPES:
        charset = re.search(r"charset=\"?([\w-]+)", parameters)
        return Page(_html_rows(content, charset[1] if charset else "utf-8", url), url, name)
    raise PageError(f"it answered with {kind or 'no content type'} instead of a project page")


def _may_be_wheel(row: Row) -> bool:
    """Whether a wheel's name has the right number of parts, and its URL leads to a server."""
    if row.filename.count("-") != 4 and parse_wheel_name(row.filename) is None:
        return False
    # A page from the network must not make us read files on this machine.
    return row.url.startswith(("https://", "http://")) or _is_relative(row.url)


def _version_of(head: str, name: str) -> Version | None:
    """The version in `name-version`; None if it belongs to another project, or is not a version."""
    project, _, text = head.partition("-")
    return _version(text) if normalized(project) == name else None


def _is_relative(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("", "http", "https")
    except ValueError:
        return False


def _file(row: Row, version: Version, page_url: str) -> IndexFile | None:
    wheel = parse_wheel_name(row.filename)
    if wheel is None:
        return None
    url = row.url
    if not url.startswith(("https://", "http://")) or "#" in url:
        url = urldefrag(urljoin(page_url, url))[0]
    stated = row.dist_info_metadata if row.core_metadata is None else row.core_metadata
    return IndexFile(
        wheel=wheel,
        version=version,
        url=url,
        sha256=_sha256(row.hashes),
        size=row.size if row.size is not None and row.size >= 0 else None,
        requires_python=row.requires_python or None,
        yanked=row.yanked not in (None, False),
        metadata=(_sha256(stated) or True) if isinstance(stated, Digests) else stated is True,
        upload_time=row.upload_time,
    )


class _Json(msgspec.Struct):
    files: list[Row]
    meta: dict[str, Any] = {}


_JSON = msgspec.json.Decoder(_Json)


def _json_rows(content: bytes) -> list[Row]:
    try:
        page = _JSON.decode(content)
    except msgspec.ValidationError:
        return _odd_json_rows(content)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise PageError("it answered with invalid JSON") from exc
    _check_api(page.meta)
    return page.files


def _odd_json_rows(content: bytes) -> list[Row]:
    """The rows of a page with invalid parts; those are skipped."""
    try:
        page = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise PageError("it answered with invalid JSON") from exc
    if not isinstance(page, dict) or not isinstance(page.get("files"), list):
        raise PageError("it answered with JSON that is not a project page (PEP 691)")
    _check_api(page.get("meta"))
    return [row for plain in page["files"] if isinstance(plain, dict) and (row := _row(plain)) is not None]


def _row(plain: dict[str, Any]) -> Row | None:
    """A row with only those fields that have the right type."""
    kept = {}
    for field in msgspec.structs.fields(Row):
        value = plain.get(field.encode_name)
        with suppress(msgspec.ValidationError):
            kept[field.encode_name] = msgspec.to_builtins(msgspec.convert(value, field.type))
    try:
        return msgspec.convert(kept, Row)
    except msgspec.ValidationError:
        return None


def _check_api(meta: object) -> None:
    version = str(meta.get("api-version", "1.0")) if isinstance(meta, dict) else "1.0"
    if version.partition(".")[0] != "1":
        raise PageError(f"it speaks version {version} of the index API; versions 1.x are understood")


class _Anchors(HTMLParser):
    """The links of a PEP 503 page, as rows of PEP 691."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.base = url
        self.rows: list[Row] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        href = found.get("href")
        if href and tag == "base":
            self.base = urljoin(self.base, href)
        if href and tag == "a":
            self.rows.append(self._row(href, found))

    def _row(self, href: str, found: dict[str, str | None]) -> Row:
        url, fragment = urldefrag(urljoin(self.base, href))
        algorithm, _, digest = fragment.partition("=")
        stated = found.get("data-core-metadata", found.get("data-dist-info-metadata"))
        kind, _, value = (stated or "").partition("=")
        return Row(
            filename=unquote(urlsplit(url).path).rpartition("/")[2],
            url=url,
            hashes=Digests(digest) if algorithm == "sha256" else Digests(),
            requires_python=found.get("data-requires-python"),
            yanked=(found.get("data-yanked") or "") if "data-yanked" in found else False,
            core_metadata=Digests(value if kind == "sha256" else "") if value else stated == "true",
        )


def _html_rows(content: bytes, charset: str, url: str) -> list[Row]:
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


def _sha256(hashes: Digests) -> str | None:
    digest = hashes.sha256.lower()
    return digest if _SHA256.fullmatch(digest) else None


def _time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def versions_of(filenames: Iterable[str], name: str) -> Iterator[Version]:
    """The versions of source archives, as far as their names show them (PEP 625)."""
    for filename in filenames:
        stem = filename.removesuffix(".zip").removesuffix(".tar.gz")
        project, _, version = stem.rpartition("-")
        found = _version(version)
        if canonicalize_name(project) == name and found is not None:
            yield found
