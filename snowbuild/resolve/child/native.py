"""Compiled code in wheels: ELF, Mach-O and PE files, whatever they are called. Pure, apart from reading the wheel.

A wheel's tags are a promise of its author's; a shared library in a wheel for any platform breaks it.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = 64
"""Bytes of a file that tell ELF, Mach-O and the first half of PE (its DOS header) from everything else."""

MACH_O = (b"\xfe\xed\xfa\xce", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe")
FAT_MACH_O = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
# Java class files begin like universal binaries. They go on with their version, which is 45 or more (JVM
# specification, 4.1); universal binaries with the number of architectures, of which there are not that many.
FAT_LIMIT = 45

LOCAL_HEADER = 30
"""Bytes before a member's name (APPNOTE, 4.3.7)."""


class Compiled(NamedTuple):
    """A file in a wheel that is compiled code."""

    path: str
    format: str

    def __str__(self) -> str:
        return f"{self.path}, {self.format}"


class Span(NamedTuple):
    """A part of a file: the first byte, and the one after the last."""

    start: int
    stop: int


def compiled_in(archive: zipfile.ZipFile) -> Compiled | None:
    """The first file of a wheel that is compiled code, in the order of their names.

    Raises:
        zipfile.BadZipFile: a member cannot be read.
    """
    for member in sorted(archive.infolist(), key=lambda m: m.filename):
        if member.is_dir() or member.file_size < 4:
            continue
        try:
            with archive.open(member) as file:
                found = _format(file)
        except (zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as exc:
            raise zipfile.BadZipFile(f"{member.filename} cannot be read: {exc}") from exc
        if found is not None:
            return Compiled(member.filename, found)
    return None


def _format(file: IO[bytes]) -> str | None:
    head = file.read(HEAD)
    if head.startswith(b"\x7fELF"):
        return "ELF"
    if head.startswith(MACH_O):
        return "Mach-O"
    if head.startswith(FAT_MACH_O) and len(head) >= 8 and 0 < struct.unpack_from(">I", head, 4)[0] < FAT_LIMIT:
        return "Mach-O"
    if head.startswith(b"MZ") and len(head) == HEAD:
        # Microsoft's PE format: the DOS header ends with the offset of the signature.
        offset = struct.unpack_from("<I", head, 60)[0]
        file.seek(offset)
        return "PE" if file.read(4) == b"PE\0\0" else None
    return None


def heads(archive: zipfile.ZipFile, *, gap: int) -> tuple[Span, ...]:
    """The parts of a wheel that hold the beginnings of all its files; parts nearer than `gap` bytes are one.

    The length of a local header is known only from itself: extra fields of up to a kilobyte are allowed for.
    """
    spans: list[Span] = []
    for span in sorted(_head(member) for member in archive.infolist() if not member.is_dir()):
        if spans and span.start - spans[-1].stop < gap:
            spans[-1] = Span(spans[-1].start, max(spans[-1].stop, span.stop))
        else:
            spans.append(span)
    return tuple(spans)


def _head(member: zipfile.ZipInfo) -> Span:
    before = LOCAL_HEADER + len(member.filename.encode()) + 1024
    # zipfile reads at least this much of a member at a time.
    return Span(member.header_offset, member.header_offset + before + min(member.compress_size, 4096))


def length(spans: Iterable[Span]) -> int:
    """Bytes in all of them."""
    return sum(span.stop - span.start for span in spans)
