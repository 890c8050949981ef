"""Temporary files that killed processes have left in a project's state, beside the real ones."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PLACES = ("artifacts/*/.*", "artifacts/*/*/.*", "models/.*", "optimized/.*")
"""No permanent file there has a name that begins with a dot."""

AGE_S = 24 * 60 * 60
"""Younger ones may belong to a running process."""


def sweep(state: Path, *, age_s: float = AGE_S) -> None:
    """Remove them; those that cannot be removed are kept."""
    latest = time.time() - age_s
    for path in [path for place in PLACES for path in state.glob(place)]:
        with suppress(OSError):
            if path.lstat().st_mtime > latest:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
