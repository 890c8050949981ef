"""What Snowflake reports as installed for a function, compared with the lock. Pure.

PACKAGES has no syntax for hashes, and a package service may change its content: apart from wheels on the stage, all
that can be done is to look afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from snowbuild.config.values import Service
from snowbuild.distribution import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.lock.values import Lock

# docs.snowflake.com/en/sql-reference/sql/desc-function: a list in Python syntax.
_ENTRY = re.compile(r"'([^']+)'|\"([^\"]+)\"")

INTERPRETER = "python"
"""Listed like a package, but already given by RUNTIME_VERSION."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A package that is not installed as locked."""

    name: str
    """As the lock spells it, or else as Snowflake does."""
    locked: str | None
    """The literal version; None for a package that is not locked."""
    installed: str | None
    """None for one that is not installed."""

    def __str__(self) -> str:
        if self.installed is None:
            return f"{self.name} {self.locked} is locked, but not installed"
        if self.locked is None:
            return f"{self.name} {self.installed} is installed, but not locked"
        return f"{self.name} {self.installed} is installed, but {self.locked} is locked"


def read_installed(value: str | None) -> tuple[str, ...]:
    """Read the property installed_packages of DESCRIBE FUNCTION: `name==version`, in its order."""
    return tuple(single or double for single, double in _ENTRY.findall(value or ""))


def installed_differences(lock: Lock, installed: Iterable[str]) -> tuple[Difference, ...]:
    """Compare what is installed for a function with the lock; sorted by name.

    A repository is locked as a whole. The channel adds libraries and implied packages in its own choice of versions, so
    only what PACKAGES names is compared.

    Args:
        lock: whose functions all have the same packages.
        installed: `name==version`; empty if Snowflake does not say, and then nothing differs.
    """
    installed = tuple(installed)
    if not installed:
        return ()
    source = {Service.CHANNEL: Source.CHANNEL, Service.REPOSITORY: Source.REPOSITORY}.get(lock.service)
    locked = {
        canonicalize_name(d.service_name): (d.service_name, d.service_version)
        for d in lock.distributions
        if d.source is source and d.service_name is not None and d.service_version is not None
    }
    found = {}
    for entry in installed:
        name, _, version = entry.partition("==")
        found[canonicalize_name(name.strip())] = (name.strip(), version.strip())
    found.pop(canonicalize_name(INTERPRETER), None)
    names = locked.keys() | (found.keys() if lock.service is Service.REPOSITORY else set())
    differences = []
    for name in sorted(names):
        literal, wanted = locked.get(name, (None, None))
        other, actual = found.get(name, (None, None))
        if not _same(wanted, actual):
            differences.append(Difference(name=literal or other or name, locked=wanted, installed=actual))
    return tuple(differences)


def _same(wanted: str | None, actual: str | None) -> bool:
    if wanted is None or actual is None or wanted == actual:
        return wanted == actual
    try:
        return Version(wanted) == Version(actual)
    except InvalidVersion:
        return False
