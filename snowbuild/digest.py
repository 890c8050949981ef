"""sha256 of bytes, plain data and files."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def sha256_bytes(data: bytes) -> str:
    """The digest of bytes, as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_plain(plain: object) -> str:
    """The digest of what JSON can say, whatever the order of its keys."""
    return sha256_bytes(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode())


def sha256_file(path: Path) -> str:
    """The digest of a file's content, read in pieces.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
