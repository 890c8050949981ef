"""A channel's releases → conda's repodata.json, as Snowflake provides it; `channel.repodata` reads it back. Pure.

It only has releases with known requirements: a build without `depends` would claim that there are none.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from snowbuild.channel.names import distribution_name
from snowbuild.channel.repodata import PYTHONS, SUBDIRS
from snowbuild.channel.values import ChannelBuild
from snowbuild.runtime import Architecture

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from snowbuild.channel.values import Channel, ChannelRelease


def repodata(channel: Channel, subdir: str) -> str:
    """The repodata.json of a platform, one of `SUBDIRS`.

    https://docs.conda.io/projects/conda-build/en/stable/concepts/generating-index.html
    """
    spelled = {distribution_name(release.name): release.name for release in channel.releases}
    found: dict[str, dict[str, Any]] = {}
    for release in channel.releases:
        for build in _builds(release):
            if build.architecture == SUBDIRS[subdir]:
                text = f"py{build.python.replace('.', '')}_0" if build.python else "py_0"
                found[f"{release.name}-{release.version}-{text}.conda"] = {
                    "build": text,
                    "build_number": 0,
                    "depends": [_interpreter(build), *_depends(release, build, spelled)],
                    "name": release.name,
                    "subdir": subdir,
                    "version": release.version,
                }
    return json.dumps(
        {
            "info": {"subdir": subdir},
            "packages": {},
            "packages.conda": dict(sorted(found.items())),
            "removed": [],
            "repodata_version": 1,
        }
    )


def _builds(release: ChannelRelease) -> tuple[ChannelBuild, ...]:
    if release.requires is None:
        return ()
    builds = release.builds or (ChannelBuild(),)
    markers = " ".join(str(Requirement(text).marker or "") for text in release.requires)
    # Each build states what differs between builds.
    if "python_version" in markers:
        builds = tuple(replace(b, python=p) for b in builds for p in ([b.python] if b.python else PYTHONS))
    if markers.strip():
        builds = tuple(
            replace(b, architecture=a) for b in builds for a in ([b.architecture] if b.architecture else Architecture)
        )
    return builds


def _interpreter(build: ChannelBuild) -> str:
    if build.python is None:
        return "python"
    major, minor = build.python.split(".")
    return f"python >={build.python},<{major}.{int(minor) + 1}.0a0"


def _depends(release: ChannelRelease, build: ChannelBuild, spelled: Mapping[str, str]) -> Iterator[str]:
    where = {"python_version": build.python or "", "platform_machine": build.architecture or ""}
    for text in release.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(where):
            name = canonicalize_name(requirement.name)
            yield f"{spelled.get(name, name)} {requirement.specifier}".rstrip()
