"""The versions of a project as pip's candidates, made on demand.

boto3 alone has two thousand versions. Making a link and a candidate for each took a third of a resolution; pip looks
at a handful.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from packaging.specifiers import SpecifierSet
from packaging.version import Version
from pip._internal.models.candidate import InstallationCandidate
from pip._internal.models.link import Link

if TYPE_CHECKING:
    from pip._vendor.packaging.specifiers import SpecifierSet as PipSpecifierSet

    from snowbuild.resolve.child.projects import Project

# RFC 6761: names below `invalid` never resolve.
STAND_IN = "https://wheels.invalid/"


class Candidates(Sequence[InstallationCandidate]):
    """Versions of a project, from worst to best."""

    def __init__(self, name: str, versions: Sequence[tuple[Version, bool]]) -> None:
        """`versions` are paired with whether they are yanked."""
        self._name = name
        self._versions = versions

    def __len__(self) -> int:
        return len(self._versions)

    @overload
    def __getitem__(self, index: int) -> InstallationCandidate: ...

    @overload
    def __getitem__(self, index: slice) -> Candidates: ...

    def __getitem__(self, index: int | slice) -> InstallationCandidate | Candidates:
        if isinstance(index, slice):
            return Candidates(self._name, self._versions[index])
        version, yanked = self._versions[index]
        filename = f"{self._name.replace('-', '_')}-{version}-py3-none-any.whl"
        url = f"{STAND_IN}{self._name}/{version}/{filename}"
        return InstallationCandidate(self._name, str(version), Link(url, yanked_reason="" if yanked else None))

    @property
    def best(self) -> Version | None:
        """The best version that is not yanked."""
        return next((version for version, yanked in reversed(self._versions) if not yanked), None)


class Choice:
    """All versions of one project, and the order in which to try them."""

    def __init__(self, project: Project, *, preferred: Version | None, prereleases: bool) -> None:
        self._name = project.name
        self._prereleases = prereleases or None

        # Yanked versions are worse than all others; the preferred one is better, if it is allowed. pip-tools itself
        # would make it a constraint, and give up if it conflicts with anything else.
        def order(item: tuple[Version, bool]) -> tuple[bool, bool, Version]:
            version, yanked = item
            wanted = version == preferred or (version.local is not None and Version(version.public) == preferred)
            return (not yanked, wanted, version)

        self._versions = sorted(project.versions.items(), key=order)
        self._allowed: dict[str, Candidates] = {}

    def all(self) -> Candidates:
        """Every version."""
        return Candidates(self._name, self._versions)

    def allowed(self, specifier: PipSpecifierSet | None) -> Candidates:
        """What a specifier allows; prereleases only if it names one, or if there is nothing else."""
        if specifier is None:
            return self.all()
        text = str(specifier)
        if text not in self._allowed:
            wanted = SpecifierSet(text)
            kept = set(wanted.filter([version for version, _ in self._versions], prereleases=self._prereleases))
            self._allowed[text] = Candidates(self._name, [item for item in self._versions if item[0] in kept])
        return self._allowed[text]


class Found:
    """The part of `BestCandidateResult` that pip reads; that class would make every candidate to compare them."""

    def __init__(self, choice: Choice, specifier: PipSpecifierSet | None) -> None:
        self.all_candidates = choice.all()
        self.applicable_candidates = choice.allowed(specifier)
        self.best_candidate = self.applicable_candidates[-1] if self.applicable_candidates else None
