"""A resolver as one could write it in Python: resolvelib's algorithm with unearth's finder.

    python unearth_resolver.py QUESTION.json

The question holds `index_url`, `requirements`, `constraints`, `python`, `platforms` and `environment`. Metadata
comes from PEP 658 files, and is not kept. Needs `resolvelib` and `unearth`.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from resolvelib import AbstractProvider, BaseReporter, Resolver  # type: ignore[import-not-found]  # Installed when run.
from unearth import PackageFinder, TargetPython  # type: ignore[import-not-found]  # As above.

TAIL = 256 * 1024
"""Bytes that hold the METADATA of nearly every wheel."""


def metadata_in(wheel: bytes) -> bytes:
    """METADATA from a wheel, or from its end."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return archive.read(name)


class Candidate:
    """A version of a project, with extras."""

    def __init__(self, package: Any, extras: frozenset[str], provider: Provider) -> None:
        self.name = canonicalize_name(package.name)
        self.version = package.version
        self.extras = extras
        self._package = package
        self._provider = provider

    def requirements(self) -> list[Requirement]:
        """What it requires in the environment."""
        metadata = self._provider.metadata(self._package.link)
        found = [] if not self.extras else [Requirement(f"{self.name}=={self.version}")]
        for text in metadata.get_all("Requires-Dist") or ():
            requirement = Requirement(text)
            if requirement.marker is None or any(
                requirement.marker.evaluate({**self._provider.environment, "extra": extra})
                for extra in (self.extras or {""})
            ):
                found.append(requirement)
        return found


class Provider(AbstractProvider):  # type: ignore[misc]  # It has no types here.
    """Answers resolvelib's questions."""

    def __init__(self, question: dict[str, Any]) -> None:
        self.environment: dict[str, str] = question["environment"]
        self._constraints = [Requirement(text) for text in question["constraints"]]
        self._finder = PackageFinder(
            index_urls=[question["index_url"]],
            target_python=TargetPython(tuple(question["python"]), platforms=question["platforms"], impl="cp"),
            only_binary=[":all:"],
        )
        self._packages: dict[str, list[Any]] = {}
        self._metadata: dict[str, Any] = {}

    def metadata(self, link: Any) -> Any:
        """METADATA of a wheel: from a separate file (PEP 658), from the wheel's end, or from the whole wheel."""
        if link.normalized not in self._metadata:
            url = link.url_without_fragment
            content = None
            if link.dist_info_metadata:
                response = self._finder.session.get(f"{url}.metadata")
                content = response.content if response.status_code == 200 else None
            if content is None:
                end = self._finder.session.get(url, headers={"Range": f"bytes=-{TAIL}", "Accept-Encoding": "identity"})
                try:
                    content = metadata_in(end.content)
                except (zipfile.BadZipFile, ValueError):  # It begins earlier.
                    content = metadata_in(self._finder.session.get(url).content)
            self._metadata[link.normalized] = BytesParser().parsebytes(content)
        return self._metadata[link.normalized]

    def identify(self, requirement_or_candidate: Any) -> str:
        """Name and extras."""
        extras = ",".join(sorted(requirement_or_candidate.extras))
        name = canonicalize_name(requirement_or_candidate.name)
        return f"{name}[{extras}]" if extras else name

    def get_preference(self, identifier: str, information: Any, backtrack_causes: Any, **_: Any) -> Any:
        """Conflicts and pins first."""
        infos = list(information[identifier])
        in_conflict = any(c.requirement in [i.requirement for i in infos] for c in backtrack_causes)
        pinned = any(s.operator == "==" for i in infos for s in i.requirement.specifier)
        return (not in_conflict, not pinned, identifier)

    def find_matches(self, identifier: str, requirements: Any, incompatibilities: Any) -> Any:
        """Newest first."""
        wanted = list(requirements[identifier])
        name = identifier.partition("[")[0]
        if name not in self._packages:
            self._packages[name] = list(self._finder.find_all_packages(name, allow_yanked=False))
        specifier = SpecifierSet()
        for requirement in [*wanted, *(c for c in self._constraints if canonicalize_name(c.name) == name)]:
            specifier &= requirement.specifier
        bad = {c.version for c in incompatibilities[identifier]}
        extras = frozenset(extra for requirement in wanted for extra in requirement.extras)
        seen: set[str] = set()
        found = []
        for package in self._packages[name]:
            if package.version in seen or package.version in bad or not specifier.contains(package.version):
                continue
            seen.add(package.version)
            found.append(Candidate(package, extras, self))
        return found

    def is_satisfied_by(self, requirement: Requirement, candidate: Candidate) -> bool:
        """By its version."""
        return requirement.specifier.contains(candidate.version, prereleases=True)

    def get_dependencies(self, candidate: Candidate) -> list[Requirement]:
        """What it requires."""
        return candidate.requirements()


def main() -> None:
    """Print the pins."""
    question = json.loads(Path(sys.argv[1]).read_bytes())
    resolver: Any = Resolver(Provider(question), BaseReporter())
    result = resolver.resolve([Requirement(text) for text in question["requirements"]], max_rounds=10_000)
    for candidate in sorted({(c.name, c.version) for c in result.mapping.values()}):
        print("==".join(candidate))


if __name__ == "__main__":
    main()
