"""Writes projects.json: what an index says of all projects that the requirement sets lead to.

    python -m tests.resolve.frozen.freeze

Of every project the newest versions are kept and those that any of the sets takes; of every version what decides over
a resolution: the tags of its wheels, Requires-Python and Requires-Dist.
"""

from __future__ import annotations

import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pip._internal.models.index import PyPI
from pip._internal.network.session import PipSession

from snowbuild.config import NativeWheels, Service
from snowbuild.errors import ResolutionError
from snowbuild.resolve import ResolveRequest, resolve
from snowbuild.resolve.child.indexes import Indexes
from snowbuild.resolve.child.metadata import Metadata, in_memory
from snowbuild.resolve.child.projects import Projects
from snowbuild.resolve.child.remote import Remote
from snowbuild.runtime import Architecture, Runtime
from tests.resolve.frozen.sets import PYTHONS, SETS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.version import Version

NEWEST = 5
RUNTIMES = [Runtime.parse(python, architecture) for python in PYTHONS for architecture in Architecture]


def request(runtime: Runtime, requirements: Iterable[str]) -> ResolveRequest:
    """A request that takes wheels from the index alone."""
    return ResolveRequest(
        runtime=runtime,
        native_wheels=NativeWheels.ALLOW,
        requirements=tuple(requirements),
        service=Service.REPOSITORY,
    )


def chosen(cache: Path) -> dict[str, set[str]]:
    """Every distribution that any set takes on any runtime, by name."""

    def one(question: ResolveRequest) -> dict[str, str]:
        try:
            return {d.name: d.version for d in resolve(question, cache=cache)}
        except ResolutionError as exc:
            sys.stderr.write(f"{exc.problems[0].message.partition('  ')[2]}\n")
            return {}

    found: dict[str, set[str]] = {}
    with ThreadPoolExecutor(2) as pool:
        for pins in pool.map(one, [request(r, s) for s in SETS.values() for r in RUNTIMES]):
            for name, version in pins.items():
                found.setdefault(name, set()).add(version)
    return found


def freeze(cache: Path) -> dict[str, Any]:
    """Name → version → what decides over it."""
    remote = Remote(PipSession(retries=3))
    indexes = Indexes(remote, [PyPI.simple_url], cache)
    metadata = Metadata(remote, cache)
    projects = [Projects(request(runtime, ()), indexes) for runtime in RUNTIMES]
    extras = {"extra"}
    for texts in SETS.values():
        extras |= {extra for text in texts for extra in Requirement(text).extras}

    def kept(name: str, taken: set[str]) -> dict[Version, Any]:
        releases: dict[Version, Any] = {}
        for those in projects:
            project = those.get(name)
            finals = sorted(v for v, yanked in project.versions.items() if not yanked and not v.is_prerelease)
            for version in [*finals[-NEWEST:], *(v for v in project.versions if str(v) in taken)]:
                releases.setdefault(version, project.release(version))
        return releases

    def describe(release: Any) -> dict[str, Any]:
        distribution = in_memory(metadata.of(release))
        files = indexes.find(release.name).page.files(release.version)
        tags = sorted({"-".join(f.wheel.filename[:-4].split("-")[-3:]) for f in files if not f.yanked})
        requires = [r for r in distribution.metadata.get_all("Requires-Dist") or () if wanted(r)]
        return {
            "python": next((f.requires_python for f in files if f.requires_python), None),
            "requires": sorted(requires),
            "tags": [tag for tag in tags if useful(tag)],
        }

    # An extra of a requirement may lead to others: those that anybody asks for count.
    def wanted(text: str) -> bool:
        marker = str(Requirement(text).marker or "")
        return "extra ==" not in marker or any(f'extra == "{extra}"' in marker for extra in extras)

    names = chosen(cache)
    found: dict[str, Any] = {}
    with ThreadPoolExecutor(8) as pool:
        for name, releases in zip(names, pool.map(kept, names, names.values()), strict=True):
            described = dict(
                zip(sorted(releases), pool.map(describe, [releases[v] for v in sorted(releases)]), strict=True)
            )
            for release in described.values():
                for text in release["requires"]:
                    extras |= Requirement(text).extras
            found[canonicalize_name(name)] = {str(v): d for v, d in described.items()}
    return found


def useful(tag: str) -> bool:
    """Whether a tag decides anything for one of the runtimes, or stands for another operating system."""
    python, abi, platform = tag.split("-")
    pythons = {"py2", "py3", *(f"cp3{minor}" for minor in range(6, 15))}
    if not pythons & set(python.split(".")) or abi.endswith("t"):
        return False
    return platform == "any" or any(part in platform for part in ("manylinux", "win_amd64", "arm64"))


def main() -> None:
    """Write the file, one version a line."""
    with tempfile.TemporaryDirectory() as name:
        found = freeze(Path(name))
    lines = []
    for project, versions in sorted(found.items()):
        rows = ",\n".join(f"  {json.dumps(v)}: {json.dumps(d, separators=(',', ':'))}" for v, d in versions.items())
        lines.append(f"{json.dumps(project)}: {{\n{rows}\n }}")
    path = Path(__file__).with_name("projects.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
