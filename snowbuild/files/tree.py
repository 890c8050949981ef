"""What a folder holds, listed and digested the same on every system."""

from __future__ import annotations

import hashlib
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from snowbuild.digest import sha256_file
from snowbuild.errors import TreeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TREE_FORMAT = b"snowbuild.tree/1\n"

REFUSED = {"\\": "backslash", ":": "colon"}
"""What a name may not hold: on Windows it would be a path, and one that may leave the folder. The functions, which
unpack what is packed here, refuse the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of a tree, or a folder that holds nothing."""

    name: str
    """Relative to the tree, in Unicode's NFC, with forward slashes; that of an empty folder ends with one."""
    path: Path
    """Where it is on this machine."""

    @property
    def is_folder(self) -> bool:
        """Whether this is an empty folder."""
        return self.name.endswith("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """What a folder holds, or a single file, which is a tree of one."""

    entries: tuple[Entry, ...]
    """Sorted by the UTF-8 form of the name, unique."""

    @property
    def case_collisions(self) -> tuple[tuple[str, ...], ...]:
        """Files and folders that are one where case is ignored, as on macOS and Windows; sorted."""
        groups: dict[str, set[str]] = {}
        for entry in self.entries:
            parts = entry.name.rstrip("/").split("/")
            for depth in range(1, len(parts) + 1):
                name = "/".join(parts[:depth])
                groups.setdefault(name.casefold(), set()).add(name)
        return tuple(sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1))

    def sha256(self, digest: Callable[[Path], str] = sha256_file) -> str:
        """Digest names and contents, not times, modes or owners; `digest` gives that of one file."""
        return tree_sha256((entry.name, None if entry.is_folder else digest(entry.path)) for entry in self.entries)


def tree_sha256(entries: Iterable[tuple[str, str | None]]) -> str:
    """Digest the names and content digests of a tree's entries, given in any order; a folder has no digest."""
    whole = hashlib.sha256(TREE_FORMAT)
    for name, sha256 in sorted((name.encode(), sha256) for name, sha256 in entries):
        # The length before the name keeps one name from running into the next.
        whole.update(b"%d:%b" % (len(name), name))
        whole.update(b"" if sha256 is None else bytes.fromhex(sha256))
    return whole.hexdigest()


def scan(path: Path) -> Tree:
    """List what a folder holds, or a single file; reads no content.

    Names are brought into Unicode's NFC, because macOS may give them decomposed: the same folder has the same digest
    everywhere.

    Raises:
        TreeError: a link, anything else that is neither a file nor a folder, a name that means something else on
            another system, or a folder that cannot be read; names the file or folder.
    """
    try:
        entries = list(_walk(path, "")) if _is_folder(path) else [Entry(name=_checked_name(path), path=path)]
    except OSError as exc:
        raise TreeError(f"cannot be read: {exc.strerror}", where=exc.filename or str(path)) from exc
    return Tree(entries=tuple(sorted(entries, key=lambda entry: entry.name.encode())))


def refuse_links(root: Path, path: str) -> None:
    """Refuse a path below `root` that leads through a link, which nobody who looks at the path would expect.

    Args:
        root: Where it begins; may itself be anything.
        path: Relative, with forward slashes; it is there.

    Raises:
        TreeError: names the first link, or what cannot be looked at.
    """
    try:
        for parent in reversed(PurePosixPath(path).parents[:-1]):
            _is_folder(root / parent)
    except OSError as exc:
        raise TreeError(f"cannot be read: {exc.strerror}", where=exc.filename or str(root / path)) from exc


def _walk(folder: Path, prefix: str) -> Iterator[Entry]:
    seen: dict[str, Path] = {}
    for path in folder.iterdir():
        name = _checked_name(path)
        other = seen.setdefault(name, path)
        if other is not path:
            one, two = sorted((ascii(path.name), ascii(other.name)), reverse=True)
            raise TreeError(
                f"two names that differ only in how Unicode composes them: {one} and {two}",
                where=str(folder),
                hint="rename one of them",
            )
        if _is_folder(path):
            yield from _walk(path, f"{prefix}{name}/")
        else:
            yield Entry(name=prefix + name, path=path)
    if prefix and not seen:
        yield Entry(name=prefix, path=folder)


def _is_folder(path: Path) -> bool:
    status = path.lstat()
    mode = status.st_mode
    if stat.S_ISLNK(mode):
        raise TreeError(
            f"a link, to {path.readlink()}; only files and folders are digested and packed",
            where=str(path),
            hint="put the file or folder itself there",
        )
    # A junction of Windows is a folder to `lstat`, and leads elsewhere all the same.
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", 0)
    if junction and getattr(status, "st_reparse_tag", 0) == junction:
        raise TreeError("a junction; only files and folders are digested and packed", where=str(path))
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise TreeError("neither a file nor a folder, but a pipe, a socket or a device", where=str(path))
    return stat.S_ISDIR(mode)


def _checked_name(path: Path) -> str:
    try:
        path.name.encode()
    except UnicodeEncodeError:
        raise TreeError("a name that is not UTF-8", where=ascii(str(path)), hint="rename it") from None
    for character, name in REFUSED.items():
        if character in path.name:
            raise TreeError(f"a name with a {name}", where=str(path), hint="rename it")
    return unicodedata.normalize("NFC", path.name)
