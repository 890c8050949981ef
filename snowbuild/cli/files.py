"""Writing what the user names."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from snowbuild.errors import SnowbuildError


def write_text(path: Path, text: str) -> None:
    """Replace a file, or what a link leads to, in one step; its line ends are those of the text.

    A file that is there keeps its mode.

    Raises:
        SnowbuildError: it cannot be written; nothing has changed.
    """
    place = path.resolve()
    try:
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o644
        descriptor, beside = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode())
            Path(beside).chmod(mode)
            Path(beside).replace(place)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as exc:
        raise SnowbuildError(f"cannot be written: {exc.strerror}", where=str(path)) from exc
