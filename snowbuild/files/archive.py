"""Files in a zip whose bytes depend on names and contents alone: same files, same digest, anywhere."""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from snowbuild.digest import sha256_bytes, sha256_file
from snowbuild.errors import TreeError
from snowbuild.files.atomic import finish, unfinished
from snowbuild.files.tree import Entry, Tree, tree_sha256

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# What zlib makes of the same input differs between systems and builds of Python (zlib, zlib-ng, Apple's own): no digest
# could be locked. libdeflate of one version makes the same everywhere.
# Measured with benchmarks/archive.py for predictors of 59 MB; the table is in docs/performance.md. At 20 and at 100
# Mbit/s, packing and uploading together take least at this level, and at 1,000 Mbit/s no longer than storing.
# Extracting takes the same at every level.
LEVEL = 4

# libdeflate takes a file in one piece, which has to fit into memory; what is larger is stored, in pieces.
LARGEST_DEFLATED = 1 << 30
PIECE = 1 << 20

MAX16, MAX32 = 0xFFFF, 0xFFFFFFFF
STORED, DEFLATED = 0, 8
UTF8_NAME = 0x800
MIDNIGHT, FIRST_DAY = 0, 1 << 5 | 1  # of 1980, where the time of a zip begins
FILE_MODE, FOLDER_MODE = 0o100644 << 16, 0o040755 << 16 | 0x10
UNIX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """What was packed."""

    tree_sha256: str
    """Of the names and contents that went in."""
    sha256: str
    """Of the archive."""
    size: int
    """In bytes."""


def pack(tree: Tree, folder: Path, *, where: str) -> Packed:
    """Pack files into a zip that is named by its digest; written beside its place, then moved there.

    Entries are sorted and have one time and one mode; empty folders are kept, and nothing is left out.

    Args:
        tree: As `scan` gives it, or a part of that.
        folder: Where the archive goes, as `<sha256>.zip`; made when needed.
        where: What the files are, for messages.

    Raises:
        TreeError: a name that cannot be packed, a file that cannot be read or that changes meanwhile, or a folder
            that cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with unfinished(folder) as (file, beside):
            went_in = write_archive(tree.entries, file)
            file.flush()
            packed = Packed(tree_sha256=went_in, sha256=sha256_file(beside), size=beside.stat().st_size)
            finish(file, beside, folder / f"{packed.sha256}.zip")
    except OSError as exc:
        raise TreeError(f"cannot be packed: {exc}", where=where) from exc
    return packed


def write_archive(entries: Iterable[Entry], file: BinaryIO, *, level: int = LEVEL) -> str:
    """Write entries, in their order, to an empty file that can seek; returns the digest of the tree that went in.

    Args:
        entries: Sorted, as `scan` gives them.
        file: Opened for writing; stays open.
        level: Of libdeflate, 1 to 12; 0 stores.

    Raises:
        TreeError: a file changed while it was read.
        OSError: a file cannot be read, or the archive not written.
    """
    members = [_write_member(entry, file, level) for entry in entries]
    directory = b"".join(member.central_header() for member in members)
    start = file.tell()
    file.write(directory)
    file.write(_end(len(members), len(directory), start))
    return tree_sha256((member.entry.name, member.sha256) for member in members)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """One entry of the archive."""

    entry: Entry
    offset: int
    size: int = 0
    packed_size: int = 0
    """Never above the size: what would grow is stored."""
    method: int = STORED
    crc: int = 0
    sha256: str | None = None

    def local_header(self) -> bytes:
        # APPNOTE.TXT 6.3.10, 4.3.7; 4.5.3 for sizes that do not fit into 32 bits.
        large = self.size >= MAX32
        extra = struct.pack("<2H2Q", 1, 16, self.size, self.packed_size) if large else b""
        return struct.pack("<4sH", b"PK\x03\x04", 45 if large else 20) + self._common(extra, large)

    def central_header(self) -> bytes:
        # 4.3.12; the three fields of 4.5.3 are there together or not at all.
        large = self.size >= MAX32 or self.offset >= MAX32
        extra = struct.pack("<2H3Q", 1, 24, self.size, self.packed_size, self.offset) if large else b""
        version = 45 if large else 20
        head = struct.pack("<4s2BH", b"PK\x01\x02", version, UNIX, version)
        mode = FOLDER_MODE if self.entry.is_folder else FILE_MODE
        # No comment, first disk, no internal attributes.
        tail = struct.pack("<3H2L", 0, 0, 0, mode, MAX32 if large else self.offset)
        return self._common(extra, large, head=head, tail=tail)

    def _common(self, extra: bytes, large: bool, *, head: bytes = b"", tail: bytes = b"") -> bytes:
        name = self.entry.name.encode()
        sizes = (MAX32, MAX32) if large else (self.packed_size, self.size)
        lengths = len(name), len(extra)
        fields = struct.pack("<4H3L2H", UTF8_NAME, self.method, MIDNIGHT, FIRST_DAY, self.crc, *sizes, *lengths)
        return head + fields + tail + name + extra


def _write_member(entry: Entry, file: BinaryIO, level: int) -> _Member:
    offset = file.tell()
    if len(entry.name.encode()) > MAX16:
        raise TreeError("a name too long for a zip", where=str(entry.path))
    if entry.is_folder:
        member = _Member(entry=entry, offset=offset)
        file.write(member.local_header())
        return member
    with entry.path.open("rb") as source:
        size = os.fstat(source.fileno()).st_size
        write = _deflate if 0 < size <= LARGEST_DEFLATED and level else _store
        member = write(entry, source, size, file, level)
    if member.size != size:
        raise TreeError("changed while it was packed", where=str(entry.path), hint="wait until its training has ended")
    return member


def _deflate(entry: Entry, source: BinaryIO, size: int, file: BinaryIO, level: int) -> _Member:
    from deflate import crc32, deflate_compress

    data = source.read(size + 1)
    packed = memoryview(deflate_compress(data, level))
    method = DEFLATED
    if len(packed) >= len(data):
        method, packed = STORED, memoryview(data)
    member = _Member(
        entry=entry,
        offset=file.tell(),
        size=len(data),
        packed_size=len(packed),
        method=method,
        crc=crc32(data),
        sha256=sha256_bytes(data),
    )
    file.write(member.local_header())
    file.write(packed)
    return member


def _store(entry: Entry, source: BinaryIO, size: int, file: BinaryIO, _: int) -> _Member:
    from deflate import crc32

    offset = file.tell()
    # The header is as long now as it will be, and is written again once the checksum is known.
    file.write(_Member(entry=entry, offset=offset, size=size, packed_size=size).local_header())
    crc, whole, written = 0, hashlib.sha256(), 0
    while written <= size and (piece := source.read(PIECE)):
        crc = crc32(piece, crc)
        whole.update(piece)
        written += file.write(piece)
    member = _Member(entry=entry, offset=offset, size=written, packed_size=written, crc=crc, sha256=whole.hexdigest())
    file.seek(offset)
    file.write(member.local_header())
    file.seek(0, os.SEEK_END)
    return member


def _end(count: int, size: int, start: int) -> bytes:
    # 4.3.14 to 4.3.16: how many entries, and where the central directory is; twice where 32 bits do not hold it.
    large = b""
    if count >= MAX16 or size >= MAX32 or start >= MAX32:
        large = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
        large += struct.pack("<4sLQL", b"PK\x06\x07", 0, start + size, 1)
        count, size, start = MAX16, MAX32, MAX32
    return large + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, start, 0)


def packing() -> str:
    """Whatever decides about an archive's bytes: one that was packed otherwise has to be packed again."""
    from deflate import __version__

    return f"zip/1 deflate/{__version__} level/{LEVEL}"
