"""The versions of a project as pip's candidates, made when they are looked at.

boto3 alone has two thousand versions. Making a link and a candidate of each took a third of a resolution; pip
looks at a handful.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from pip._internal.models.candidate import InstallationCandidate
from pip._internal.models.link import Link
from pip._vendor.packaging.version import Version as PipVersion

if TYPE_CHECKING:
    from pip._vendor.packaging.specifiers import SpecifierSet

    from snowbuild.resolve.child.projects import Project

# RFC 6761: no name below `invalid` resolves, ever.
STAND_IN = "https://wheels.invalid/"


class Candidates(Sequence[InstallationCandidate]):
    """Versions of a project, from the worst to the best."""

    def __init__(self, name: str, versions: Sequence[tuple[PipVersion, bool]]) -> None:
        """`versions` come with whether they are yanked."""
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


class Choice:
    """All versions of one project, and which of them are to be tried in which order."""

    def __init__(self, project: Project, *, preferred: str | None, prereleases: bool) -> None:
        self._name = project.name
        self._preferred = preferred
        self._prereleases = prereleases or None
        # Yanked versions are worse than all others; the preferred one is better, wherever it is allowed. pip-tools
        # itself would make it a constraint, and give up when it takes part in a conflict with anything else.
        found = [(PipVersion(str(version)), release.yanked) for version, release in project.releases.items()]
        self._versions = sorted(found, key=lambda item: (not item[1], str(item[0]) == preferred, item[0]))

    def all(self) -> Candidates:
        """Every version."""
        return Candidates(self._name, self._versions)

    def allowed(self, specifier: SpecifierSet | None) -> Candidates:
        """What a specifier allows; prereleases only where it names one, or where there is nothing else."""
        if specifier is None:
            return self.all()
        kept = set(specifier.filter([version for version, _ in self._versions], prereleases=self._prereleases))
        return Candidates(self._name, [item for item in self._versions if item[0] in kept])


class Found:
    """What pip reads of a `BestCandidateResult`; that class itself would make every candidate to compare them."""

    def __init__(self, choice: Choice, specifier: SpecifierSet | None) -> None:
        self.all_candidates = choice.all()
        self.applicable_candidates = choice.allowed(specifier)
        self.best_candidate = self.applicable_candidates[-1] if self.applicable_candidates else None
