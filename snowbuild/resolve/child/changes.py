"""The single change that would make a set of requirements solvable, found by trying.

Most of what an attempt needs has already been fetched, so most attempts take a fraction of a second.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from snowbuild.config.values import Service
from snowbuild.errors import ResolutionError
from snowbuild.wording import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from packaging.specifiers import SpecifierSet

    from snowbuild.resolve.values import ResolveRequest

TRIES = 8
"""Versions tried for one requirement."""

SHOWN = 3
"""How many refused distributions are named."""

PATIENCE_S = 12.0
"""For all tries together."""


class Change(NamedTuple):
    """A request that differs in one respect."""

    words: str
    request: ResolveRequest


def helpful(
    request: ResolveRequest,
    involved: Collection[str],
    versions: Callable[[str], Iterable[Version]],
    attempt: Callable[[ResolveRequest], Collection[str] | None],
) -> tuple[str, ...]:
    """What would help, in words: for each requirement involved the nearest version, then constraints and services.

    `involved` are normalized names; `versions` gives the versions of a name; `attempt` tries a request and gives None
    if it has no solution, else the distributions in the solution that are refused for compiled code. A solution with
    refused distributions is only named, with a remark, if there is nothing better. Changes that are not found in time
    are left out.
    """
    found: dict[int, str] = {}

    def search() -> None:
        # An index that fails now has answered before: say what is known so far.
        with suppress(ResolutionError):
            for group, changes in enumerate(_alternatives(request, involved, versions)):
                for change in changes:
                    if time.monotonic() > deadline:
                        return
                    refused = attempt(change.request)
                    if refused is None:
                        continue
                    if not refused:
                        found[group] = change.words
                        break
                    found.setdefault(group, f"{change.words}{_but(refused)}")

    deadline = time.monotonic() + PATIENCE_S
    # An attempt cannot be stopped; the process exits without waiting for the last one.
    thread = threading.Thread(target=search, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    return tuple(found.values())


def _but(refused: Collection[str]) -> str:
    return f' (but runtime.native-wheels = "deny" refuses the compiled code of {listed(sorted(refused), SHOWN)})'


def _alternatives(
    request: ResolveRequest, involved: Collection[str], versions: Callable[[str], Iterable[Version]]
) -> Iterator[Iterable[Change]]:
    """Groups of changes; in each, the first one that resolves counts."""
    for text in request.requirements:
        if canonicalize_name(Requirement(text).name) in involved:
            yield _versions(text, request, versions)
    for text in request.constraints:
        if canonicalize_name(Requirement(text).name) in involved:
            others = tuple(c for c in request.constraints if c != text)
            words = f"remove {text} from dependencies.constraints, which resolves"
            yield [Change(words, replace(request, constraints=others))]
    if request.channel is not None:
        words = 'let Snowflake install from an artifact repository with packages.service = "repository", which resolves'
        yield [Change(words, replace(request, service=Service.REPOSITORY, channel=None, spellings=()))]


def _versions(text: str, request: ResolveRequest, versions: Callable[[str], Iterable[Version]]) -> Iterator[Change]:
    requirement = Requirement(text)
    if requirement.url is not None or not requirement.specifier:
        return
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f"; {requirement.marker}" if requirement.marker else ""
    rest = [t for t in request.requirements if t != text]
    known = [
        v for v in sorted(versions(canonicalize_name(requirement.name))) if request.prereleases or not v.is_prerelease
    ]
    for version in nearest(known, requirement.specifier)[:TRIES]:
        pinned = f"{requirement.name}{extras}=={version}"
        yield Change(
            f"require {pinned}, the nearest version that resolves",
            replace(request, requirements=tuple(sorted([*rest, f"{pinned}{marker}"]))),
        )


def nearest(known: Sequence[Version], specifier: SpecifierSet) -> list[Version]:
    """Versions that a specifier does not allow, nearest to what it allows first; of two equally near, the newer first.

    `known` is sorted, oldest first. Pure.
    """
    allowed = [i for i, version in enumerate(known) if specifier.contains(str(version), prereleases=True)]
    # The requested version may not exist: then its place in the order counts.
    anchors: Sequence[float] = allowed or [sum(v < wanted for v in known) - 0.5 for wanted in _named(specifier)]
    others = (i for i in range(len(known)) if i not in set(allowed))
    ordered = sorted(others, key=lambda i: (min((abs(i - a) for a in anchors), default=0), -i))
    return [known[i] for i in ordered]


def _named(specifier: SpecifierSet) -> Iterator[Version]:
    for clause in specifier:
        try:
            yield Version(clause.version.removesuffix(".*"))
        except InvalidVersion:
            continue
