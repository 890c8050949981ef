"""Files that are there whole or not at all: written beside their place, then moved there in one step."""

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


@contextmanager
def written_beside(place: Path, *, mode: int = MODE) -> Iterator[BufferedRandom]:
    """A file, readable too, that takes its place only when the block ends well; otherwise nothing is left.

    Its folder must be there. The name that it has meanwhile begins with a dot.

    Raises:
        OSError: the folder is missing or cannot be written to.
    """
    descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=".", suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
        beside.chmod(mode)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def write_atomically(place: Path, data: bytes, *, mode: int = MODE) -> None:
    """Write a whole file.

    Raises:
        OSError: as for `written_beside`.
    """
    with written_beside(place, mode=mode) as file:
        file.write(data)
