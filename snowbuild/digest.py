"""sha256 of bytes, of files and of trees of files, and a cache that spares reading what did not change."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
import time
import unicodedata
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from snowbuild.atomic import write_atomically
from snowbuild.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TREE_FORMAT = b"snowbuild.tree/1\n"
CACHE_SCHEMA = "snowbuild.digests/1"

# FAT, the coarsest file system in use, rounds the time of a change to two seconds.
GRANULARITY_NS = 2_000_000_000


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
        ModelError: a link, anything else that is neither a file nor a folder, a name that means something else on
            another system, or a folder that cannot be read.
    """
    try:
        entries = list(_walk(path, "")) if _is_folder(path) else [Entry(name=_checked_name(path), path=path)]
    except OSError as exc:
        raise ModelError(f"cannot be read: {exc.strerror}", where=exc.filename or str(path)) from exc
    return Tree(entries=tuple(sorted(entries, key=lambda entry: entry.name.encode())))


def _walk(folder: Path, prefix: str) -> Iterator[Entry]:
    seen: dict[str, Path] = {}
    for path in folder.iterdir():
        name = _checked_name(path)
        other = seen.setdefault(name, path)
        if other is not path:
            one, two = sorted((ascii(path.name), ascii(other.name)), reverse=True)
            raise ModelError(
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
        raise ModelError(
            f"a link, to {path.readlink()}; only files and folders are digested and packed",
            where=str(path),
            hint="put the file itself there",
        )
    # A junction of Windows is a folder to `lstat`, and leads elsewhere all the same.
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", 0)
    if junction and getattr(status, "st_reparse_tag", 0) == junction:
        raise ModelError("a junction; only files and folders are digested and packed", where=str(path))
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise ModelError("neither a file nor a folder, but a pipe, a socket or a device", where=str(path))
    return stat.S_ISDIR(mode)


def _checked_name(path: Path) -> str:
    try:
        path.name.encode()
    except UnicodeEncodeError:
        raise ModelError("a name that is not UTF-8", where=ascii(str(path)), hint="rename it") from None
    if "\\" in path.name:
        # On Windows it would be a path, and one that may leave the folder.
        raise ModelError("a name with a backslash", where=str(path), hint="rename it")
    return unicodedata.normalize("NFC", path.name)


_Stat = tuple[int, int, int, int]


@dataclass(slots=True, kw_only=True)
class StatCache:
    """Digests of files that need not be read again while path, size, times and inode stay the same.

    It may be deleted at any time: what is not in it is read. An entry carries the time of the change of the inode
    as well, which nobody can set back; that of the content can be.
    """

    file: Path
    """Where it is kept; its folder is made when needed."""
    granularity_ns: int = GRANULARITY_NS
    """How much older than its reading a file must be to be remembered; nanoseconds."""
    _entries: dict[str, tuple[_Stat, str]] = field(default_factory=dict)
    _changed: bool = False
    _opened: int | None = None

    @classmethod
    def load(cls, file: Path, *, granularity_ns: int = GRANULARITY_NS) -> StatCache:
        """Read a cache; a missing or damaged one is empty."""
        with suppress(OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
            seal, _, body = file.read_bytes().partition(b"\n")
            if seal.decode() == sha256_bytes(body):
                document = json.loads(body)
                if document["schema"] == CACHE_SCHEMA:
                    entries = {path: (_stat(values[:4]), str(values[4])) for path, values in document["files"].items()}
                    return cls(file=file, granularity_ns=granularity_ns, _entries=entries)
        return cls(file=file, granularity_ns=granularity_ns)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.save()

    def sha256(self, path: Path) -> str:
        """The digest of a file's content, read only when the file may have changed.

        Raises:
            OSError: the file cannot be read.
        """
        key = str(path.absolute())
        before = _identity(path)
        known = self._entries.get(key)
        if known is not None and known[0] == before:
            return known[1]
        settled = self._settled(before)
        digest = sha256_file(path)
        if settled and _identity(path) == before:
            self._entries[key] = (before, digest)
            self._changed = True
        elif self._entries.pop(key, None):
            self._changed = True
        return digest

    def save(self) -> None:
        """Write what changed, beside and then in place; a cache that cannot be written is no cache, and no error."""
        if not self._changed:
            return
        files = {p: [*identity, sha256] for p, (identity, sha256) in sorted(self._entries.items()) if Path(p).exists()}
        body = json.dumps({"schema": CACHE_SCHEMA, "files": files}, separators=(",", ":")).encode()
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.file, sha256_bytes(body).encode() + b"\n" + body)
            self._changed = False

    def _settled(self, identity: _Stat) -> bool:
        # A file that changes again within one tick of the file system's clock looks as it did before: only what was
        # last changed more than a tick before it was read can be recognised later. Git calls the others racy.
        if self._opened is None:
            self._opened = self._now()
        return max(identity[1], identity[2]) + self.granularity_ns < self._opened

    def _now(self) -> int:
        # The file system's own clock stamps the files, and on a network it is not ours: trust the slower of both.
        with suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.file.parent) as probe:
                probe.write(b".")
                probe.flush()
                return min(time.time_ns(), os.fstat(probe.fileno()).st_mtime_ns)
        return time.time_ns()


def _identity(path: Path) -> _Stat:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _stat(values: list[object]) -> _Stat:
    size, mtime, ctime, inode = values
    if not (isinstance(size, int) and isinstance(mtime, int) and isinstance(ctime, int) and isinstance(inode, int)):
        raise TypeError
    return size, mtime, ctime, inode
