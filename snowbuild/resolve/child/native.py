"""Compiled code in wheels: ELF, Mach-O and PE files, whatever they are called. Pure, apart from reading the wheel.

A wheel's tags are a promise by its author; a shared library in a wheel for any platform breaks it.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

HEAD = 64
"""How many bytes tell ELF, Mach-O and the first half of PE (its DOS header) from everything else."""

MACH_O = (b"\xfe\xed\xfa\xce", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe")
FAT_MACH_O = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
# Java class files begin like universal binaries. Their next field is a version of 45 or more (JVM specification, 4.1);
# in a universal binary it is the number of architectures, which is far smaller.
FAT_LIMIT = 45

MAGIC = (b"\x7fELF", b"MZ", *MACH_O, *FAT_MACH_O)
"""A file that begins differently is not compiled code."""

LOCAL_HEADER = 30
"""Bytes before a member's name (APPNOTE, 4.3.7)."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")

DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, RuntimeError, ValueError)
"""What zipfile raises for archives that are damaged or use features that it does not support."""

UTF_8 = 1 << 11
"""The flag of a name in UTF-8; others are in code page 437 (APPNOTE, 4.4.4)."""

UNREADABLE = 1 | 1 << 5 | 1 << 6
"""The flags of encrypted members and of patches (APPNOTE, 4.4.4)."""

NEAR = 512
"""Bytes behind a member's name in which its content mostly begins; the tables of a deflated one take 100 and more."""


class Readable(Protocol):
    """What zipfile needs from a file."""

    def read(self, size: int = -1, /) -> bytes:
        """Read some bytes, or all that are left."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to a position."""

    def tell(self) -> int:
        """The position."""


class Compiled(NamedTuple):
    """A file with compiled code in a wheel."""

    path: str
    format: str

    def __str__(self) -> str:
        return f"{self.path}, {self.format}"


class Span(NamedTuple):
    """A part of a file: the first byte, and the one after the last."""

    start: int
    stop: int


def compiled_in(archive: zipfile.ZipFile, wheel: Readable) -> Compiled | None:
    """The first file with compiled code in a wheel, by name.

    `wheel` is what the archive was opened from.

    Raises:
        zipfile.BadZipFile: a member cannot be read.
    """
    for member in sorted(archive.infolist(), key=lambda m: m.filename):
        if member.is_dir() or member.file_size < 4:
            continue
        head = _glance(wheel, member)
        if head is not None and not head.startswith(MAGIC):
            continue
        try:
            with archive.open(member) as file:
                found = _format(file)
        except DAMAGE as exc:
            raise zipfile.BadZipFile(f"{member.filename} cannot be read: {exc}") from exc
        if found is not None:
            return Compiled(member.filename, found)
    return None


def _glance(wheel: Readable, member: zipfile.ZipInfo) -> bytes | None:
    """The first four bytes of a member with at least four; None if only zipfile can read them.

    zipfile takes four times as long to open a member, and some wheels have thousands.
    """
    called = member.orig_filename
    name = called.encode("utf-8" if member.flag_bits & UTF_8 or called.isascii() else "cp437")
    wheel.seek(member.header_offset)
    near = wheel.read(LOCAL_HEADER + len(name) + NEAR)
    if len(near) < LOCAL_HEADER or member.flag_bits & UNREADABLE:
        return None
    signature, name_length, extra_length = _LOCAL_HEADER.unpack_from(near)
    content = LOCAL_HEADER + name_length + extra_length
    # zipfile reports a member whose own header has another name.
    if signature != b"PK\3\4" or near[LOCAL_HEADER : LOCAL_HEADER + name_length] != name:
        return None
    head = near[content : content + member.compress_size]
    if member.compress_type == zipfile.ZIP_DEFLATED:
        try:
            head = zlib.decompressobj(-zlib.MAX_WBITS).decompress(head, 4)
        except zlib.error:
            return None
    elif member.compress_type != zipfile.ZIP_STORED:
        return None
    return head[:4] if len(head) >= 4 else None


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
    """The parts of a wheel that hold the beginnings of all its files; parts less than `gap` bytes apart are merged.

    Only a local header itself says how long it is, so up to a kilobyte of extra fields is allowed for.
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
