"""File names of wheels against a runtime's tags (PEP 425, PEP 427). Pure."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from snowbuild.runtime import Runtime

# An index may give a file any name; anything but a plain file name is not a wheel.
_FILENAME = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._]*)-(?P<version>[A-Za-z0-9._+!]+)(?:-(?P<build>\d[A-Za-z0-9_.]*))?"
    r"-(?P<tags>[A-Za-z0-9_.]+-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+)\.whl"
)


TagSets: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""Pythons, ABIs and platforms."""


class WheelName(NamedTuple):
    """The parts of a wheel's file name; a plain tuple because an index page can hold thousands."""

    filename: str
    name: str
    """Normalized."""
    version: str
    """As written."""
    build: str
    """Empty if there is none."""
    pythons: tuple[str, ...]
    abis: tuple[str, ...]
    platforms: tuple[str, ...]

    @property
    def is_native(self) -> bool:
        """Whether the tags say that it holds compiled code."""
        return self.platforms != ("any",)


def parse_wheel_name(filename: str) -> WheelName | None:
    """Parse a file name; None if it is not a wheel's."""
    match = _FILENAME.fullmatch(filename)
    if match is None:
        return None
    return WheelName(
        filename,
        normalized(match["name"]),
        match["version"],
        match["build"] or "",
        *_tag_sets(match["tags"]),
    )


# The wheels of a project share its name, and many share their tags.
normalized = lru_cache(maxsize=None)(canonicalize_name)


@cache
def _tag_sets(text: str) -> TagSets:
    pythons, abis, platforms = (tuple(part.split(".")) for part in text.split("-"))
    return pythons, abis, platforms


class Fit:
    """Which wheels a runtime can use, and which is best."""

    def __init__(self, runtime: Runtime) -> None:
        self._ranks: dict[tuple[str, str, str], int] = {}
        for tag in runtime.tags():
            self._ranks.setdefault((tag.interpreter, tag.abi, tag.platform), len(self._ranks))
        self._elsewhere = {(python, abi) for python, abi, _ in self._ranks}
        self._known: dict[TagSets, int | None] = {}
        self._by_text: dict[str, int | None] = {}

    def rank(self, wheel: WheelName) -> int | None:
        """Position of the wheel's best tag, 0 being the most specific; None if the runtime cannot install it."""
        return self._rank((wheel.pythons, wheel.abis, wheel.platforms))

    def rank_of_tags(self, tags: str) -> int | None:
        """Like `rank`, for tags as written in a file name."""
        if tags not in self._by_text:
            self._by_text[tags] = self._rank(_tag_sets(tags))
        return self._by_text[tags]

    def _rank(self, key: TagSets) -> int | None:
        if key not in self._known:
            ranks = (self._ranks.get(tag) for tag in product(*key))
            self._known[key] = min((rank for rank in ranks if rank is not None), default=None)
        return self._known[key]

    def python_fits(self, wheel: WheelName) -> bool:
        """Whether the runtime's Python could load it, were it on the operating system that the wheel is for."""
        return any(pair in self._elsewhere for pair in product(wheel.pythons, wheel.abis))

    def best(self, wheels: tuple[WheelName, ...], *, prefer_pure: bool) -> WheelName | None:
        """The wheel that the runtime should get: the most specific one with the highest build number.

        With `prefer_pure` one without compiled code comes before all others.
        """
        ranked = [(wheel, rank) for wheel in wheels if (rank := self.rank(wheel)) is not None]

        def order(item: tuple[WheelName, int]) -> tuple[bool, int, tuple[int, str], str]:
            wheel, rank = item
            number = re.match(r"\d*", wheel.build)
            build = int(number[0]) if number and number[0] else -1
            return (prefer_pure and wheel.is_native, rank, (-build, wheel.build), wheel.filename)

        return min(ranked, key=order)[0] if ranked else None
