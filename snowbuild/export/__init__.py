"""Lock → what other tools read: a plain PEP 751 file, a requirements file, a bill of materials. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from snowbuild.export.pylock import pylock_text
from snowbuild.export.requirements import requirements_text

if TYPE_CHECKING:
    from snowbuild.lock.values import Lock

__all__ = ["Format", "export", "rebased"]


class Format(StrEnum):
    """What a lock can be written as."""

    PYLOCK = "pylock"
    REQUIREMENTS = "requirements"
    CYCLONEDX = "cyclonedx"


def export(lock: Lock, form: Format) -> str:
    """The lock as text in that format, ending with a newline: the same for the same lock on every host."""
    match form:
        case Format.PYLOCK:
            return pylock_text(lock)
        case Format.REQUIREMENTS:
            return requirements_text(lock)
        case Format.CYCLONEDX:
            # Imported late, because nothing else needs its libraries.
            from snowbuild.export.cyclonedx import cyclonedx_text

            return cyclonedx_text(lock)
    assert_never(form)


def rebased(lock: Lock, folder: str) -> Lock:
    """The lock with local wheels' paths relative to another folder; `folder` is the lockfile's, seen from there."""
    return replace(
        lock,
        distributions=tuple(
            replace(
                d,
                wheels=tuple(
                    w if w.path is None else replace(w, path=posixpath.normpath(posixpath.join(folder, w.path)))
                    for w in d.wheels
                ),
            )
            for d in lock.distributions
        ),
    )
