"""Writing files that the user names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.errors import SnowbuildError
from snowbuild.files.atomic import MODE, write_atomically

if TYPE_CHECKING:
    from pathlib import Path


BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def rewrite(path: Path, text: str) -> None:
    """Replace the text of a file; a byte order mark, as some editors of Windows write it, stays.

    Raises:
        SnowbuildError: as for `write_file`.
    """
    with path.open("rb") as file:
        mark = file.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK
    write_file(path, BYTE_ORDER_MARK + text.encode() if mark else text)


def write_file(path: Path, content: str | bytes) -> None:
    """Replace a file, or the target of a link, in one step; line ends are kept as they are in the text.

    An existing file keeps its mode.

    Raises:
        SnowbuildError: it cannot be written; nothing has changed.
    """
    place = path.resolve()
    data = content.encode() if isinstance(content, str) else content
    try:
        mode = place.stat().st_mode & 0o777 if place.exists() else MODE
        write_atomically(place, data, mode=mode)
    except OSError as exc:
        raise SnowbuildError(f"cannot be written: {exc.strerror}", where=str(path)) from exc
