"""Digests of files that have not changed since they were last read."""

from __future__ import annotations

import json
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from snowbuild.digest import sha256_bytes, sha256_file
from snowbuild.files.atomic import write_atomically

CACHE_SCHEMA = "snowbuild.digests/1"

# FAT, the coarsest file system in use, rounds the time of a change to two seconds.
GRANULARITY_NS = 2_000_000_000

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
        """Write what changed, in one step; a cache that cannot be written is not an error."""
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


def project_cache(state: Path) -> StatCache:
    """The cache of a project, in its folder for what can be made again; save it after use."""
    return StatCache.load(state / "digests.json")
