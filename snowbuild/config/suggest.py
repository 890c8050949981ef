"""Suggestions for unknown names."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `word`, if any; case does not matter, nor does `-` or `_`."""
    names = {_plain(name): name for name in known}
    # No name in snowbuild.toml is this long, and the comparison takes quadratic time.
    matches = get_close_matches(_plain(word[:100]), names, n=1)
    return names[matches[0]] if matches else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest known name, or else all of them."""
    names = tuple(known)
    found = nearest(word, names)
    if found is not None:
        return f"did you mean {found}?"
    return f"known here: {', '.join(names)}" if names else "there are none"


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
