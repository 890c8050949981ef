"""Keeps credentials out of everything written, shown or compared. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from snowbuild.config.reader import USERINFO

if TYPE_CHECKING:
    from collections.abc import Iterable


def without_credentials(text: str) -> str:
    """Remove `user:password@` from every URL in a text."""
    return USERINFO.sub("", text)


def secrets_of(urls: Iterable[str]) -> tuple[str, ...]:
    """The passwords and lone user names (tokens) in URLs, as written and decoded; longest first."""
    found: set[str] = set()
    for url in urls:
        try:
            parts = urlsplit(url)
            secret = parts.password or parts.username
        except ValueError:
            continue
        if secret:
            found |= {secret, unquote(secret)}
    return tuple(sorted(found, key=lambda s: (-len(s), s)))


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Remove credentials from a text, even outside of URLs."""
    text = without_credentials(text)
    for secret in secrets:
        text = text.replace(secret, "****")
    return text
