"""Why no set of versions satisfies the requirements, in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from packaging.version import Version

from snowbuild.resolve.values import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN = 6
"""How many versions of a distribution are listed."""

REQUIRERS = 3
"""How many versions of a distribution are listed with their requirements."""


class Cause(NamedTuple):
    """One requirement that takes part in the conflict."""

    name: str
    """The normalized name of what is required."""
    requirement: str
    """As the requirer writes it, without markers."""
    requirer: str | None
    """Name and version; None for snowbuild.toml."""
    required_by: tuple[str, ...] = ()
    """The requirer's own requirers, nearest first."""
    constraint: bool = False


class Supply(NamedTuple):
    """Which versions of a distribution exist."""

    name: str
    versions: tuple[str, ...]
    """Usable versions that are not yanked, oldest first."""
    offered: tuple[str, ...] | None
    """The literal versions on the channel, if the channel decides."""
    found: bool
    """Whether an index has it."""
    unusable: tuple[str, ...] = ()
    """Versions that have no wheel for the runtime, oldest first."""
    damaged: tuple[str, ...] = ()
    """Why versions were skipped, oldest first."""


def explain(
    causes: Iterable[Cause],
    supplies: Iterable[Supply],
    runtime: str,
    origin: str | None,
    changes: Iterable[str] = (),
) -> Failure:
    """Say what requires what, which versions exist, and which change would help.

    `runtime` names the runtime, `origin` is where the channel's content comes from, and `changes` are changes that were
    tried and resolve.
    """
    lines = list(_requirement_lines(causes))
    supplies = sorted(set(supplies))
    for supply in supplies:
        lines += [_supply_line(supply, runtime), *(f"{supply.name}: skipped {why}" for why in supply.damaged)]
    if origin is not None and any(supply.offered is not None for supply in supplies):
        lines.append(f"(the channel's content: {origin})")
    return Failure(
        message="\n  ".join(("no set of versions satisfies the requirements", *lines)),
        where="dependencies",
        hint=_hint(supplies, tuple(changes)),
    )


def _requirement_lines(causes: Iterable[Cause]) -> Iterator[str]:
    """One line for each requirement; of many versions that require the same project, the newest."""
    groups: dict[tuple[str, str], set[Cause]] = {}
    for cause in causes:
        project = (cause.requirer or "").partition(" ")[0]
        groups.setdefault((project, cause.name), set()).add(cause)
    lines: set[str] = set()
    for (project, name), group in groups.items():
        newest = sorted(group, key=_age)[-REQUIRERS:]
        lines |= {_requirement_line(cause) for cause in (newest if project else group)}
        if project and len(group) > REQUIRERS:
            lines.add(f"{project} in {len(group) - REQUIRERS} older versions requires other versions of {name}")
    return iter(sorted(lines))


def _age(cause: Cause) -> tuple[Version, str]:
    return (Version((cause.requirer or " 0").partition(" ")[2]), cause.requirement)


def _requirement_line(cause: Cause) -> str:
    if cause.requirer is None:
        return f"snowbuild.toml {'constrains' if cause.constraint else 'requires'} {cause.requirement}"
    above = f" (required by {', which is required by '.join(cause.required_by)})" if cause.required_by else ""
    return f"{cause.requirer}{above} requires {cause.requirement}"


def _supply_line(supply: Supply, runtime: str) -> str:
    if supply.offered is not None:
        return f"{supply.name}: the channel offers {_listed(supply.offered)}"
    if supply.versions:
        return f"{supply.name}: wheels for {runtime} exist for {_listed(supply.versions)}"
    if supply.unusable:
        return (
            f"{supply.name}: no wheel fits {runtime}; the index has {_listed(supply.unusable)} for others or as source"
        )
    if supply.found:
        return f"{supply.name}: the index has no usable version"
    return f"{supply.name}: no index has a distribution of this name"


def _listed(versions: tuple[str, ...]) -> str:
    older = f" and {len(versions) - SHOWN} older" if len(versions) > SHOWN else ""
    return ", ".join(versions[-SHOWN:]) + older


def _hint(supplies: Iterable[Supply], changes: tuple[str, ...]) -> str:
    supplies = tuple(supplies)
    offered = [supply.name for supply in supplies if supply.offered is not None]
    missing = [s.name for s in supplies if s.offered is None and not s.versions]
    if changes:
        return "; or ".join(changes)
    if missing:
        return f"check the name, or leave it out with dependencies.exclude = {_toml(missing)}"
    if offered:
        return f"require other versions, or ship your own wheels with packages.stage = {_toml(offered)}"
    return "loosen one of the requirements"


def _toml(names: list[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
