"""File names of wheels against a runtime's tags (PEP 425, PEP 427). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowbuild.runtime import Runtime

# An index may call a file anything it likes: what is not a plain file name is not a wheel.
_FILENAME = re.compile(
    r"(?P<name>[A-Za-z0-9][A-Za-z0-9._]*)-(?P<version>[A-Za-z0-9._+!]+)(?:-(?P<build>\d[A-Za-z0-9_.]*))?"
    r"-(?P<python>[A-Za-z0-9_.]+)-(?P<abi>[A-Za-z0-9_.]+)-(?P<platform>[A-Za-z0-9_.]+)\.whl"
)


class WheelName(NamedTuple):
    """The parts of a wheel's file name; a plain tuple because an index page can hold thousands."""

    filename: str
    name: str
    """Normalized."""
    version: str
    """As written."""
    build: str
    """Empty when there is none."""
    pythons: tuple[str, ...]
    abis: tuple[str, ...]
    platforms: tuple[str, ...]

    @property
    def is_native(self) -> bool:
        """Whether the tags say that it holds compiled code."""
        return self.platforms != ("any",)


def parse_wheel_name(filename: str) -> WheelName | None:
    """Take a file name apart; None when it is not a wheel's."""
    match = _FILENAME.fullmatch(filename)
    if match is None:
        return None
    return WheelName(
        filename,
        canonicalize_name(match["name"]),
        match["version"],
        match["build"] or "",
        tuple(match["python"].split(".")),
        tuple(match["abi"].split(".")),
        tuple(match["platform"].split(".")),
    )


class Fit:
    """Which wheels a runtime can use, and which of them is the best."""

    def __init__(self, runtime: Runtime) -> None:
        self._ranks: dict[tuple[str, str, str], int] = {}
        for tag in runtime.tags():
            self._ranks.setdefault((tag.interpreter, tag.abi, tag.platform), len(self._ranks))
        self._elsewhere = {(python, abi) for python, abi, _ in self._ranks}

    def rank(self, wheel: WheelName) -> int | None:
        """Position of the wheel's best tag, 0 being the most specific; None when the runtime cannot install it."""
        ranks = (self._ranks.get(tag) for tag in _tags(wheel))
        return min((rank for rank in ranks if rank is not None), default=None)

    def python_fits(self, wheel: WheelName) -> bool:
        """Whether the runtime's Python could load it, were it on the operating system that the wheel is for."""
        return any((python, abi) in self._elsewhere for python in wheel.pythons for abi in wheel.abis)

    def best(self, wheels: tuple[WheelName, ...], *, prefer_pure: bool) -> WheelName | None:
        """The wheel that the runtime should get: the most specific one, of those the highest build.

        With `prefer_pure` one without compiled code comes before all others.
        """
        ranked = [(wheel, rank) for wheel in wheels if (rank := self.rank(wheel)) is not None]

        def order(item: tuple[WheelName, int]) -> tuple[bool, int, tuple[int, str], str]:
            wheel, rank = item
            number = re.match(r"\d*", wheel.build)
            build = int(number[0]) if number and number[0] else -1
            return (prefer_pure and wheel.is_native, rank, (-build, wheel.build), wheel.filename)

        return min(ranked, key=order)[0] if ranked else None


def _tags(wheel: WheelName) -> Iterator[tuple[str, str, str]]:
    for python in wheel.pythons:
        for abi in wheel.abis:
            for platform in wheel.platforms:
                yield python, abi, platform
