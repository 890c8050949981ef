"""The members of a wheel: where they are installed, and which no wheel may have. Pure.

Whoever unpacked those would write elsewhere, or could not write them. The functions unpack wheels of the stage, and
refuse the same; a lock must not promise what they cannot do.
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
    """What is wrong with the first member that no wheel may have, in words; None where there is none.

    Only the central directory is looked at, and no content.
    """
    files: dict[str, str] = {}
    # What is installed at a wheel's root has no name of its own left.
    folders = {""}
    for member in members:
        name = member.filename
        # zipfile makes slashes of backslashes on Windows, and some versions take a name out of the extra fields.
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
    """Where a member is on sys.path (PEP 427)."""
    parts = name.rstrip("/").split("/")
    if parts[0].endswith(".data") and parts[1:2] in (["purelib"], ["platlib"]):
        parts = parts[2:]
    return "/".join(parts)
