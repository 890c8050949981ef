"""Wheels for versions of the channel for which no index has a wheel.

conda builds what was never uploaded: psutil 5.9.0 is on the channel for Python 3.11, but its oldest wheel for that
Python is 5.9.1. Snowflake installs the former; an environment on a laptop gets the nearest version that has wheels
and satisfies all requirements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from snowbuild.resolve.child.archives import BadWheelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.version import Version
    from pip._vendor.packaging.requirements import Requirement

    from snowbuild.resolve.child.projects import Release
    from snowbuild.resolve.child.solver import Solver

TRIED = 10
"""How many versions are tried before the distribution is left without wheels."""


class StandIns:
    """Finds stand-ins that fit into a finished resolution."""

    def __init__(self, solver: Solver, versions: Mapping[str, Version], requirements: Iterable[Requirement]) -> None:
        """`versions` are the chosen ones by name, `requirements` those of all distributions."""
        self._solver = solver
        self._versions = versions
        self._specifiers: dict[str, list[Any]] = {}
        for requirement in requirements:
            self._specifiers.setdefault(canonicalize_name(requirement.name), []).append(requirement.specifier)

    def of(self, release: Release) -> Release:
        """The release if it has wheels for the runtime, else the nearest suitable version, else the release."""
        for version in release.nearest[:TRIED]:
            if all(s.contains(str(version), prereleases=True) for s in self._specifiers.get(release.name, ())):
                found = self._solver.projects.installable(release.name, version)
                if found is not None and self._adds_nothing(found):
                    return found
        return release

    def _adds_nothing(self, release: Release) -> bool:
        """Whether everything that it requires has already been chosen."""
        try:
            content = self._solver.metadata.of(release)
        except BadWheelError:
            return False
        distribution = self._solver.read(content)
        return all(
            (version := self._versions.get(canonicalize_name(needed.name))) is not None
            and needed.specifier.contains(str(version), prereleases=True)
            for needed in self._solver.dependencies(distribution)
        )
