"""Values → what people and programs read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.cli.console import paint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.distribution import Distribution


def size(count: int) -> str:
    """Bytes in decimal units, as stages and indexes show them: `312 kB`, `16.5 MB`."""
    if count < 1000:
        return f"{count} B"
    number = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        number /= 1000
        if number < 999.5 or unit == "TB":
            break
    return f"{number:.1f} {unit}" if number < 99.95 and unit != "kB" else f"{number:.0f} {unit}"


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def distribution_changes(before: Iterable[Distribution], after: Iterable[Distribution]) -> list[str]:
    """A line for each distribution that came, went, or has another version or source; sorted by name."""
    old, new = {d.name: d for d in before}, {d.name: d for d in after}
    lines = []
    for name in sorted(old.keys() | new.keys()):
        match old.get(name), new.get(name):
            case None, d if d is not None:
                lines.append(f"{paint('+', fg='green')} {name} {d.version}  ({d.source.value})")
            case d, None if d is not None:
                lines.append(f"{paint('-', fg='red')} {name} {d.version}")
            case a, b if a and b and (a.version, a.source) != (b.version, b.source):
                was, now = (f"{d.version} ({d.source.value})" for d in (a, b))
                lines.append(f"{paint('~', fg='yellow')} {name} {was} → {now}")
    return lines
