"""A Snowflake runtime: the Python that functions run in, seen from any host.

Nothing here looks at the interpreter that runs snowbuild.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from packaging.tags import Tag, compatible_tags, cpython_tags

from snowbuild.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Architecture(StrEnum):
    """The processor of a warehouse."""

    X86_64 = "x86_64"
    AARCH64 = "aarch64"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known of Snowflake's runtime for a minor version of Python."""

    patch: int
    """An assumption: Snowflake documents only minor versions, but markers such as `python_full_version >= "3.11.5"`
    need a patch level. They are low on purpose, so that a marker does not assume a newer Python than the server's: up
    to 3.12 the release that was current in April 2024, then the first bugfix release (3.13.1) or the first release
    (3.14.0). `runtime.python = "3.11.13"` overrides it."""
    glibc: tuple[int, int] = (2, 28)
    """An assumption: Snowflake does not document it. `runtime.glibc` overrides it."""
    deprecated: date | None = None
    """When it was deprecated: existing functions keep running, but creating new ones will be refused later."""
    decommissioned: date | None = None
    """When it was decommissioned: no function can be created since."""


# docs.snowflake.com/en/developer-guide/python-runtime-support-policy, by minor version.
PROFILES: Mapping[int, Profile] = {
    9: Profile(patch=19, decommissioned=date(2026, 4, 30)),
    10: Profile(patch=14, deprecated=date(2026, 10, 4)),
    11: Profile(patch=9),
    12: Profile(patch=3),
    13: Profile(patch=1),
    14: Profile(patch=0),
}

PATCH_LEVELS: Mapping[int, int] = {minor: p.patch for minor, p in PROFILES.items() if p.decommissioned is None}
"""The minor versions that functions can be created for, with their patch levels."""

# PEP 600 names of the older manylinux profiles, by glibc minor version.
LEGACY_MANYLINUX: Mapping[int, str] = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}

# The first manylinux profile of an architecture (PEP 513 is x86 only, PEP 599 brought aarch64).
FIRST_GLIBC_MINOR: Mapping[Architecture, int] = {Architecture.X86_64: 5, Architecture.AARCH64: 17}


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Python, architecture and C library of the place where functions run."""

    python: tuple[int, int, int]
    """Major, minor and patch level."""
    architecture: Architecture = Architecture.X86_64
    glibc: tuple[int, int] = (2, 28)

    @property
    def version(self) -> str:
        """Major and minor, as RUNTIME_VERSION wants it."""
        return f"{self.python[0]}.{self.python[1]}"

    @property
    def full_version(self) -> str:
        """With the patch level, as `python_full_version` has it."""
        return ".".join(map(str, self.python))

    def notice(self, today: date) -> Problem | None:
        """The notice for a deprecated Python. Pure; nothing that is locked depends on the date."""
        profile = PROFILES[self.python[1]]
        if profile.deprecated is None or today < profile.deprecated:
            return None
        later = [f"3.{m}" for m in PATCH_LEVELS if m > self.python[1] and PROFILES[m].deprecated is None]
        return Problem(
            message=f"Snowflake deprecated Python {self.version} on {profile.deprecated}: existing functions keep "
            "running; creating new ones will be refused later",
            where="runtime.python",
            hint=f"use one of {', '.join(later)}",
        )

    def marker_environment(self) -> dict[str, str]:
        """All eleven variables of PEP 508; none comes from the host."""
        return {
            "implementation_name": "cpython",
            "implementation_version": self.full_version,
            "os_name": "posix",
            "platform_machine": self.architecture.value,
            "platform_python_implementation": "CPython",
            # pip gives the host's; no requirement should depend on the release and build of a kernel.
            "platform_release": "0",
            "platform_system": "Linux",
            "platform_version": "0",
            "python_full_version": self.full_version,
            "python_version": self.version,
            "sys_platform": "linux",
        }

    def platforms(self) -> tuple[str, ...]:
        """Platform tags, best first: every manylinux profile down from this glibc, then plain linux."""
        machine = self.architecture.value
        names: list[str] = []
        for minor in range(self.glibc[1], FIRST_GLIBC_MINOR[self.architecture] - 1, -1):
            names.append(f"manylinux_{self.glibc[0]}_{minor}_{machine}")
            if minor in LEGACY_MANYLINUX:
                names.append(f"{LEGACY_MANYLINUX[minor]}_{machine}")
        return (*names, f"linux_{machine}")

    def tags(self) -> tuple[Tag, ...]:
        """PEP 425 tags that the runtime installs, best first."""
        return tuple(self._tags())

    def _tags(self) -> Iterator[Tag]:
        version, platforms = self.python[:2], self.platforms()
        interpreter = f"cp{version[0]}{version[1]}"
        yield from cpython_tags(version, [interpreter], platforms)
        yield from compatible_tags(version, interpreter, platforms)

    @classmethod
    def parse(cls, python: str, architecture: Architecture, glibc: tuple[int, int] | None = None) -> Runtime:
        """Read "3.11" or "3.11.9"; what is not given is as the profile has it.

        Raises:
            ConfigError: not a version, or not a Python that Snowflake runs.
        """
        match = re.fullmatch(r"3\.([0-9]{1,2})(?:\.([0-9]{1,2}))?", python)
        minor = int(match[1]) if match else -1
        offered = ", ".join(f"3.{m}" for m in PATCH_LEVELS)
        profile = PROFILES.get(minor)
        if match is None or profile is None:
            raise ConfigError(f"not a Python that Snowflake runs: {python}", hint=f"use one of {offered}")
        if profile.decommissioned is not None:
            raise ConfigError(
                f"Snowflake decommissioned Python 3.{minor} on {profile.decommissioned}: functions can no longer be "
                "created for it",
                hint=f"use one of {offered}",
            )
        patch = int(match[2]) if match[2] else profile.patch
        return cls(python=(3, minor, patch), architecture=architecture, glibc=glibc or profile.glibc)
