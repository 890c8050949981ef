"""The pages of indexes: each requested once, and sent again only if it has changed."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import msgspec

from snowbuild.errors import ResolutionError
from snowbuild.files.atomic import write_atomically
from snowbuild.resolve.child.once import Once
from snowbuild.resolve.child.pages import ACCEPT, Page, PageError, read_page
from snowbuild.resolve.redact import without_credentials

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from snowbuild.resolve.child.remote import Answer, Remote


class Place(NamedTuple):
    """What the indexes have for a name."""

    url: str | None
    """The index that has it, without credentials; None if none has."""
    page: Page


class Kept(msgspec.Struct, frozen=True):
    """A cached page, as it was sent."""

    etag: str
    content_type: str
    url: str
    """Where it was found, after redirects."""
    content: bytes


class Indexes:
    """Queries indexes in order; each name once, from many threads."""

    def __init__(self, remote: Remote, urls: Iterable[str], cache: Path) -> None:
        self._remote = remote
        self._urls = tuple(urls)
        self._cache = cache / "pages-1"
        self.find = Once(self._find)

    def _find(self, name: str) -> Place:
        """The page of the first index that has the name: a private project must never be mixed with a public one."""
        for index in self._urls:
            page = self._page(name, index)
            # Some proxies answer with an empty page for names that they do not have.
            if page:
                return Place(without_credentials(index), page)
        return Place(None, Page((), "", name))

    def _page(self, name: str, index: str) -> Page | None:
        url = f"{index.rstrip('/')}/{quote(name)}/"
        where = f"{name} on {without_credentials(index)}"
        kept = self._kept(url)
        # Ask each time whether it has changed: a wheel that was just uploaded should be found.
        response = self._remote.get(url, {"Accept": ACCEPT} | ({"If-None-Match": kept.etag} if kept else {}))
        match response.status_code:
            case 200:
                kept = self._keep(url, response)
            case 304 if kept is not None:
                pass
            case 404 | 410:
                return None
            case 401 | 403:
                raise ResolutionError(
                    f"the index refuses access ({response.status_code})",
                    where=where,
                    hint="put the credentials in the URL under dependencies.index-urls, or in .netrc",
                )
            case status:
                raise ResolutionError(f"the index answered {status} {response.reason}".rstrip(), where=where)
        try:
            return read_page(kept.content, kept.content_type, kept.url, name)
        except PageError as exc:
            raise ResolutionError(
                f"the index cannot be read: {exc}",
                where=where,
                hint="dependencies.index-urls takes base URLs of simple indexes (PEP 503)",
            ) from exc

    def _kept(self, url: str) -> Kept | None:
        try:
            return msgspec.msgpack.decode(self._place(url).read_bytes(), type=Kept)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def _keep(self, url: str, response: Answer) -> Kept:
        page = Kept(
            etag=response.headers.get("ETag", ""),
            content_type=response.headers.get("Content-Type", ""),
            url=response.url,
            content=response.content,
        )
        # Without a validator it would never be used; credentials in its links must not be stored.
        if page.etag and b"@" not in page.content and without_credentials(page.url) == page.url:
            place = self._place(url)
            place.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(place, msgspec.msgpack.encode(page))
        return page

    def _place(self, url: str) -> Path:
        key = sha256(without_credentials(url).encode()).hexdigest()
        return self._cache / key[:2] / key[2:]
