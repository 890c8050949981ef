"""Lock → PEP 751 without snowbuild's own tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.lock import document_text, to_document

if TYPE_CHECKING:
    from snowbuild.lock.values import Lock


def pylock_text(lock: Lock) -> str:
    """A PEP 751 file with all wheels, for the runtime's Python on any operating system.

    What only the package service has is left out, because nothing could install it.
    """
    document = to_document(lock)
    packages = [{k: v for k, v in package.items() if k != "tool"} for package in document["packages"]]
    plain = {**{k: v for k, v in document.items() if k != "tool"}, "packages": packages}
    return document_text(plain, "Written by `snowbuild export`.")
