"""Which source a distribution has: the first of four rules that matches. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from packaging.version import Version

from snowbuild.channel.offers import Offers
from snowbuild.config.values import Service
from snowbuild.distribution import Rule, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from snowbuild.resolve.values import Resolved, ResolveRequest


class Placement(NamedTuple):
    """A distribution's source, and its name on the service."""

    source: Source
    rule: Rule
    service_name: str | None = None
    service_version: str | None = None


def is_staged_by_name(name: str, patterns: Iterable[str]) -> bool:
    """Whether a normalized name is named under packages.stage."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def is_staged_anyway(name: str, request: ResolveRequest) -> bool:
    """Whether a distribution with this normalized name goes on the stage, no matter what else is chosen."""
    return request.service is Service.NONE or is_staged_by_name(name, request.stage)


def offers_of(request: ResolveRequest) -> Offers | None:
    """What the request's channel offers to its runtime; None if there is no channel."""
    if request.channel is None:
        return None
    return Offers(request.channel, request.runtime, request.names)


def place(distributions: Iterable[Resolved], request: ResolveRequest) -> Mapping[str, Placement]:
    """Give every distribution its source; keys are the distributions' names."""
    distributions = tuple(distributions)
    placed: dict[str, Placement] = {}
    offers = offers_of(request)
    for distribution in distributions:
        found = _placed_by_itself(distribution, request, offers)
        if found is not None:
            placed[distribution.name] = found
    for name in _shipped(distributions, placed):
        placed[name] = Placement(Source.STAGE, Rule.REST)
    implied = Placement(Source.CHANNEL, Rule.IMPLIED)
    return {d.name: placed.get(d.name, implied) for d in distributions}


def _placed_by_itself(distribution: Resolved, request: ResolveRequest, offers: Offers | None) -> Placement | None:
    """The rules that do not depend on what requires the distribution."""
    if is_staged_by_name(distribution.name, request.stage):
        return Placement(Source.STAGE, Rule.STAGE)
    if distribution.direct or request.service is Service.NONE:
        return Placement(Source.STAGE, Rule.REST)
    if request.service is Service.REPOSITORY:
        name = dict(request.names).get(distribution.name, distribution.name)
        return Placement(Source.REPOSITORY, Rule.SERVICE, name, distribution.version)
    release = offers.versions(distribution.name).get(Version(distribution.version)) if offers else None
    if release is None:
        return None
    return Placement(Source.CHANNEL, Rule.SERVICE, release.name, release.version)


def _shipped(distributions: Iterable[Resolved], placed: Mapping[str, Placement]) -> set[str]:
    """What the service lacks and snowbuild.toml or a staged distribution requires.

    Anything else that it lacks is required only by its own distributions, and so comes with them.
    """
    by_requirer: dict[str, set[str]] = {}
    for distribution in distributions:
        for requirer in distribution.required_by:
            by_requirer.setdefault(requirer, set()).add(distribution.name)
    found = {d.name for d in distributions if d.root and d.name not in placed}
    todo = [*found, *(name for name, placement in placed.items() if placement.source is Source.STAGE)]
    while todo:
        new = {name for name in by_requirer.get(todo.pop(), ()) if name not in placed and name not in found}
        found |= new
        todo.extend(new)
    return found
