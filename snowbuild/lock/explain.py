"""Lock → why each distribution is included, its size, and what depends on it. Pure.

`Distribution.required_by` is the graph; the requirements label its edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from snowbuild.config.requirements import LocalWheelPath
from snowbuild.config.suggest import nearest
from snowbuild.config.values import Service
from snowbuild.distribution import Rule, Source
from snowbuild.errors import SnowbuildError
from snowbuild.runtime import Architecture, Runtime
from snowbuild.wheels.filename import Fit, parse_wheel_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from snowbuild.distribution import Distribution, Wheel
    from snowbuild.lock.values import Lock

ROOT = "snowbuild.toml"
"""The name of the configuration as a requirer; no distribution can have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One requirement of one distribution, or of snowbuild.toml."""

    requirer: str
    """A normalized name, or `ROOT`."""
    required: str
    """A normalized name."""
    requirement: str
    """As the requirer writes it, without its marker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A place in a tree: the nodes below it are its requirers, or what it requires, depending on the tree."""

    name: str
    """A normalized name, or `ROOT`."""
    requirement: str
    """The requirement that leads to this place."""
    repeated: bool = False
    """Whether its nodes are left out here because they are shown further up."""
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """What `dependencies.exclude` would change if all versions stayed the same."""

    gone: tuple[str, ...] = ()
    """Distributions that nobody else needs; sorted."""
    implied: tuple[str, ...] = ()
    """Distributions that would no longer be shipped, because only the package service's would need them; sorted."""
    stage_size: int = 0
    """Bytes saved on the stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How much comes from one source."""

    source: Source
    distributions: int
    size: int
    """Bytes of the wheels for the runtime; for a package service, of the wheels that stand in locally."""


class Explanation:
    """Answers questions about a lock."""

    def __init__(self, lock: Lock) -> None:
        self.lock = lock
        self._runtime = Runtime.parse(lock.python, Architecture(lock.architecture))
        self._distributions: dict[str, Distribution] = {d.name: d for d in lock.distributions}

    def __getitem__(self, name: str) -> Distribution:
        return self._distributions[name]

    def find(self, name: str) -> Distribution:
        """The distribution of that name, its own or the package service's.

        Raises:
            SnowbuildError: there is none.
        """
        by_service: dict[str, Distribution] = {
            canonicalize_name(d.service_name): d for d in self.lock.distributions if d.service_name
        }
        known = {**by_service, **self._distributions}
        found = known.get(canonicalize_name(name))
        if found is None:
            near = nearest(name, known)
            raise SnowbuildError(
                f"no such distribution in the lockfile: {name}",
                hint=f"did you mean {near}?" if near else "`snowbuild explain` shows all of them",
            )
        return found

    def wheel(self, distribution: Distribution) -> Wheel | None:
        """The wheel for the runtime: the one on the stage, or the one that stands in for the package service's."""
        if distribution.staged is not None:
            return distribution.staged
        names = tuple(n for w in distribution.wheels if (n := parse_wheel_name(w.filename)) is not None)
        best = self._fit.best(names, prefer_pure=False)
        return None if best is None else distribution.wheel(best.filename)

    def reason(self, distribution: Distribution) -> str:
        """Why a distribution has its source: the rule in words."""
        if distribution.rule is not Rule.REST:
            return distribution.rule.reason
        if distribution.index is None:
            return "given by its path or URL"
        return "no package service is used" if self.lock.service is Service.NONE else distribution.rule.reason

    def required_by(self, name: str) -> tuple[Edge, ...]:
        """What requires a distribution: snowbuild.toml first, then by name."""
        return self._up[name]

    def requires(self, name: str) -> tuple[Edge, ...]:
        """What a distribution, or `ROOT`, requires; by name."""
        return self._down[name]

    def tree(self) -> tuple[Node, ...]:
        """Everything, from the requirements of snowbuild.toml downwards; each distribution is expanded once."""
        return self._nodes(ROOT, lambda name: ((e.required, e) for e in self._down[name]), set())

    def requirers(self, name: str) -> tuple[Node, ...]:
        """What requires a distribution, upwards to snowbuild.toml; each requirer is expanded once."""
        return self._nodes(name, lambda name: ((e.requirer, e) for e in self._up[name]), {name})

    def without(self, name: str) -> Exclusion:
        """What would change if a distribution were excluded."""
        kept = self._reached([ROOT], lambda edge: edge.required != name) - {ROOT}
        gone = self._distributions.keys() - kept - {name}
        implied = self._no_longer_shipped(kept)
        staged = (self[n].staged_file for n in (name, *gone, *implied))
        return Exclusion(
            gone=tuple(sorted(gone)),
            implied=tuple(sorted(implied)),
            stage_size=sum(file.size or 0 for file in staged if file is not None),
        )

    def totals(self) -> tuple[Total, ...]:
        """What comes from each source, in the order of `Source`; empty sources are left out."""
        found = []
        for source in Source:
            ours = [d for d in self.lock.distributions if d.source is source]
            size = sum(file.size or 0 for d in ours if (file := d.bytecode or self.wheel(d)) is not None)
            found += [Total(source=source, distributions=len(ours), size=size)] if ours else []
        return tuple(found)

    @cached_property
    def _fit(self) -> Fit:
        return Fit(self._runtime)

    @cached_property
    def _up(self) -> Mapping[str, tuple[Edge, ...]]:
        roots = self._roots()
        edges: dict[str, tuple[Edge, ...]] = {ROOT: ()}
        for distribution in self.lock.distributions:
            required = distribution.name
            from_root = tuple(Edge(requirer=ROOT, required=required, requirement=r) for r in roots.get(required, ()))
            edges[required] = (*from_root, *(self._edge(r, distribution) for r in distribution.required_by))
        return edges

    @cached_property
    def _down(self) -> Mapping[str, tuple[Edge, ...]]:
        edges: dict[str, list[Edge]] = {ROOT: [], **{name: [] for name in self._distributions}}
        for name in self._distributions:
            for edge in self._up[name]:
                edges[edge.requirer].append(edge)
        return {name: tuple(sorted(found, key=lambda e: e.required)) for name, found in edges.items()}

    def _roots(self) -> Mapping[str, tuple[str, ...]]:
        """What snowbuild.toml requires of each distribution on the runtime."""
        environment = self._runtime.marker_environment()
        found: dict[str, tuple[str, ...]] = {}
        for text in self.lock.requirements:
            wheel = LocalWheelPath.parse(text)
            named = wheel and parse_wheel_name(PurePosixPath(wheel.path).name)
            if named is not None:
                found[named.name] = (*found.get(named.name, ()), text)
                continue
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate(environment):
                requirement.marker = None
                name = canonicalize_name(requirement.name)
                found[name] = (*found.get(name, ()), str(requirement))
        return found

    def _edge(self, requirer: str, distribution: Distribution) -> Edge:
        names = {distribution.name, canonicalize_name(distribution.service_name or "")}
        words = [r for r in self[requirer].requires if canonicalize_name(Requirement(r).name) in names]
        return Edge(requirer=requirer, required=distribution.name, requirement=", ".join(words) or distribution.name)

    def _nodes(
        self, name: str, next_to: Callable[[str], Iterable[tuple[str, Edge]]], spread: set[str]
    ) -> tuple[Node, ...]:
        nodes = []
        for other, edge in next_to(name):
            more = any(True for _ in next_to(other))
            repeated = other in spread and more
            spread.add(other)
            below = () if repeated else self._nodes(other, next_to, spread)
            nodes.append(Node(name=other, requirement=edge.requirement, repeated=repeated, nodes=below))
        return tuple(nodes)

    def _reached(self, start: Iterable[str], follow: Callable[[Edge], bool]) -> set[str]:
        """Everything reachable from `start`, itself included, over the edges that `follow` accepts."""
        reached = set(start)
        todo = list(reached)
        while todo:
            new = {edge.required for edge in self._down[todo.pop()] if follow(edge)} - reached
            reached |= new
            todo.extend(new)
        return reached

    def _no_longer_shipped(self, kept: set[str]) -> set[str]:
        """The distributions that the third rule would find if only `kept` were left (see `resolve.sources`)."""
        if self.lock.service is not Service.CHANNEL:
            return set()
        rest = {n for n in kept if self[n].rule is Rule.REST and self[n].index is not None}
        required_here = {edge.required for edge in self._down[ROOT]} & rest
        others_on_stage = {n for n in kept - rest if self[n].source is Source.STAGE}
        return rest - self._reached(required_here | others_on_stage, lambda edge: edge.required in rest)


def version_of(distribution: Distribution) -> str:
    """The version that Snowflake runs, as its service spells it."""
    return distribution.service_version or distribution.version


def stands_in(distribution: Distribution) -> bool:
    """Whether the wheels are those of another version than the service's, the local part aside (PEP 440)."""
    if distribution.service_version is None or not distribution.wheels:
        return False
    try:
        return Version(distribution.service_version).public != Version(distribution.version).public
    except InvalidVersion:
        return distribution.service_version != distribution.version
