"""The one change that would make a set of requirements solvable, found by trying.

What a try needs has mostly been fetched already, so that most of them take a fraction of a second.
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
"""Versions of one requirement."""

SHOWN = 3
"""How many refused distributions are named."""

PATIENCE_S = 12.0
"""For all tries together."""


class Change(NamedTuple):
    """A request that differs in one thing."""

    words: str
    request: ResolveRequest


def helpful(
    request: ResolveRequest,
    involved: Collection[str],
    versions: Callable[[str], Iterable[Version]],
    attempt: Callable[[ResolveRequest], Collection[str] | None],
) -> tuple[str, ...]:
    """What would help, in words: for each requirement involved the nearest version, then constraints and services.

    `involved` are normalized names; `versions` gives what there is of a name; `attempt` tries a request: None where it
    has no solution, else what of the solution is refused for its compiled code. What has a solution that is refused is
    only named where there is nothing better, and says so. Whatever is not found before the patience ends is left out.
    """
    found: dict[int, str] = {}

    def search() -> None:
        # An index that fails now has answered before: what is known by then is said.
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
    # A try cannot be stopped; the process ends without waiting for the last one.
    thread = threading.Thread(target=search, daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    return tuple(found.values())


def _but(refused: Collection[str]) -> str:
    return f' (but runtime.native-wheels = "deny" refuses the compiled code of {listed(sorted(refused), SHOWN)})'


def _alternatives(
    request: ResolveRequest, involved: Collection[str], versions: Callable[[str], Iterable[Version]]
) -> Iterator[Iterable[Change]]:
    """Groups of changes, of each of which the first that resolves counts."""
    for text in request.requirements:
        if canonicalize_name(Requirement(text).name) in involved:
            yield _versions(text, request, versions)
    for text in request.constraints:
        if canonicalize_name(Requirement(text).name) in involved:
            others = tuple(c for c in request.constraints if c != text)
            words = f"take {text} out of dependencies.constraints, which resolves"
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
    """Versions that a specifier does not allow, those first that lie next to what it does; of two the newer first.

    `known` is sorted, oldest first. Pure.
    """
    allowed = [i for i, version in enumerate(known) if specifier.contains(str(version), prereleases=True)]
    # What is asked for may not exist: then it is where it would stand.
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
