"""METADATA with the channel's names. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from snowbuild.errors import ResolutionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from packaging.version import Version

# A name in a requirement without a URL, which would mean that very wheel.
_REQUIRED = re.compile(
    r"(?mi)^(Requires-Dist:[ \t]*)([A-Za-z0-9][A-Za-z0-9._-]*+)(?![ \t]*+(?:\[[^\]\n]*\])?+[ \t]*+@)"
)


def respelled(metadata: bytes, spellings: Mapping[str, str]) -> bytes:
    """METADATA whose requirements use the chosen spelling of the channel's packages.

    `spellings` maps other normalized names to that one.
    """
    if not spellings:
        return metadata

    def used(found: re.Match[str]) -> str:
        return found[1] + spellings.get(canonicalize_name(found[2]), found[2])

    # Bytes that are not UTF-8 are kept.
    text = metadata.decode("utf-8", errors="surrogateescape")
    return _REQUIRED.sub(used, text).encode("utf-8", errors="surrogateescape")


def metadata_of_channel(name: str, version: Version, requires: Iterable[str]) -> bytes:
    """METADATA for a version that only the channel has, from the requirements in the channel.

    Raises:
        ResolutionError: they are not valid under PEP 508.
    """
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    for requirement in requires:
        try:
            lines.append(f"Requires-Dist: {Requirement(requirement)}")
        except InvalidRequirement as exc:
            raise ResolutionError(
                f"the channel lists an invalid requirement: {requirement}",
                where=f"{name} {version}",
                hint="rewrite channel.json with `snowbuild channel update`",
            ) from exc
    return ("\n".join(lines) + "\n\n").encode()
