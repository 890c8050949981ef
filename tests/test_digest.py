"""Digests of bytes and files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from snowbuild.digest import sha256_bytes, sha256_file

if TYPE_CHECKING:
    from pathlib import Path


def test_digest_of_bytes() -> None:
    assert sha256_bytes(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_digest_of_a_file_that_does_not_fit_into_one_piece(tmp_path: Path) -> None:
    data = bytes(range(256)) * 12_000
    (tmp_path / "large").write_bytes(data)
    assert sha256_file(tmp_path / "large") == hashlib.sha256(data).hexdigest()
