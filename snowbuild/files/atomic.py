"""Files that are complete or absent: written beside their place, then moved there in one step."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedRandom

MODE = 0o644


PREFIX = "."


@contextmanager
def written_beside(place: Path, *, mode: int = MODE, prefix: str = PREFIX) -> Iterator[BufferedRandom]:
    """A file, also readable, that takes its place only if the block succeeds; otherwise nothing is left.

    Its folder must exist. Until then, its name begins with `prefix`.

    Raises:
        OSError: the folder is missing or cannot be written to.
    """
    with unfinished(place.parent, prefix=prefix) as (file, beside):
        yield file
        finish(file, beside, place, mode=mode)


@contextmanager
def unfinished(folder: Path, *, prefix: str = PREFIX) -> Iterator[tuple[BufferedRandom, Path]]:
    """A new file and its path, for a place that depends on its content; removed unless the block calls `finish`.

    Raises:
        OSError: the folder is missing or cannot be written to.
    """
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=prefix, suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file, beside
    finally:
        beside.unlink(missing_ok=True)


def finish(file: BufferedRandom, beside: Path, place: Path, *, mode: int = MODE) -> None:
    """Close an unfinished file and move it to its place.

    Raises:
        OSError: the place cannot be written to.
    """
    # Windows does not rename open files.
    file.close()
    beside.chmod(mode)
    beside.replace(place)


def write_atomically(place: Path, data: bytes, *, mode: int = MODE) -> None:
    """Write a whole file.

    Raises:
        OSError: as for `written_beside`.
    """
    with written_beside(place, mode=mode) as file:
        file.write(data)
