"""The members of a wheel: where they are installed, and which are not allowed. Pure.

Unpacking those would write outside the folder, or fail. Functions refuse the same members when they unpack wheels
from the stage, so a lock must not contain them.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterable

ENCRYPTED = 1 | 1 << 6
"""The flags of encrypted members (APPNOTE, 4.4.4)."""


def unsafe(members: Iterable[zipfile.ZipInfo]) -> str | None:
    """What is wrong with the first member that is not allowed; None if all are.

    Only the central directory is read.
    """
    files: dict[str, str] = {}
    # The root of the wheel.
    folders = {""}
    for member in members:
        name = member.filename
        # On Windows, zipfile turns backslashes into slashes; some versions take the name from the extra fields.
        for called in dict.fromkeys((member.orig_filename, name)):
            if _leaves(called):
                return f"holds a path that leaves its folder: {called!r}"
        if stat.S_ISLNK(member.external_attr >> 16):
            return f"holds a link: {name!r}"
        if member.flag_bits & ENCRYPTED:
            return f"holds an encrypted file: {name!r}"
        path = installed(name)
        if member.is_dir():
            folders.add(path)
        else:
            files.setdefault(path, name)
        while (path := path.rpartition("/")[0]) not in folders:
            folders.add(path)
    for path, name in files.items():
        if path in folders:
            return f"holds a file that is also a folder: {name!r}"
    return None


def _leaves(name: str) -> bool:
    return "\\" in name or ":" in name or any(part in ("", ".", "..") for part in name.rstrip("/").split("/"))


def installed(name: str) -> str:
    """Where a member is installed, relative to sys.path (PEP 427)."""
    parts = name.rstrip("/").split("/")
    if parts[0].endswith(".data") and parts[1:2] in (["purelib"], ["platlib"]):
        parts = parts[2:]
    return "/".join(parts)
