"""Values → what people and programs read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.cli.console import paint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.distribution import Distribution


def distribution_changes(before: Iterable[Distribution], after: Iterable[Distribution]) -> list[str]:
    """A line for each distribution that was added, removed, or has another version or source; sorted by name."""
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
