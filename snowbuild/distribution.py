"""Distributions and wheels as they are locked: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Where a function gets a distribution from."""

    CHANNEL = "channel"
    REPOSITORY = "repository"
    STAGE = "stage"


class Rule(StrEnum):
    """Why a distribution has its source; the first that holds, in this order."""

    STAGE = "stage"
    SERVICE = "service"
    IMPLIED = "implied"
    REST = "rest"

    @property
    def reason(self) -> str:
        """The rule in words."""
        return _REASONS[self]


_REASONS = {
    Rule.STAGE: "named under packages.stage, or a wheel given by path or URL",
    Rule.SERVICE: "offered by the package service",
    Rule.IMPLIED: "required only by distributions of the package service",
    Rule.REST: "not offered by the package service",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """One file of a distribution (PEP 427)."""

    filename: str
    url: str | None = None
    """Where the index has it, without credentials; None for a local wheel."""
    path: str | None = None
    """A local wheel, relative to the folder of the lockfile, with forward slashes."""
    size: int | None = None
    """In bytes."""
    sha256: str
    """64 hex digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BytecodeArchive:
    """What a wheel installs, with bytecode beside the sources, as an archive."""

    filename: str
    size: int
    """In bytes."""
    sha256: str
    """64 hex digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A project at one version, with every wheel that fits the runtime's Python on any operating system."""

    name: str
    """Normalized (PEP 503)."""
    version: str
    """Normalized (PEP 440); that of the wheels. It differs from `service_version` where that has a local part, and
    where no wheel of that version fits the runtime, so that the nearest version stands in for it locally."""
    source: Source
    rule: Rule
    service_name: str | None = None
    """The literal name in PACKAGES; None for a wheel on the stage."""
    service_version: str | None = None
    """The literal version in PACKAGES; None for a wheel on the stage and for an implied distribution."""
    requires_python: str | None = None
    license: str | None = None
    """An SPDX expression where the metadata gives one, else its words, shortened; None where it says nothing."""
    extras: tuple[str, ...] = ()
    """The requested extras; sorted."""
    required_by: tuple[str, ...] = ()
    """Names of the distributions that require it; sorted. Empty for one that is only required by snowbuild.toml."""
    requires: tuple[str, ...] = ()
    """Requirements that hold on the runtime, as PEP 508 text without markers; sorted by name."""
    index: str | None = None
    """The base URL of the index that it came from, without credentials; None for local wheels and direct URLs."""
    wheels: tuple[Wheel, ...] = ()
    """Sorted by file name. Empty only where no index has a wheel of the service's version, nor one that could
    stand in for it."""
    stage_wheel: str | None = None
    """The file name of the wheel that goes on the stage; None unless the source is `stage`."""
    bytecode: BytecodeArchive | None = None
    """What goes on the stage in the place of that wheel; None: the wheel itself does."""
    native: bool = False
    """Whether the wheel for the runtime holds compiled code."""

    def wheel(self, filename: str) -> Wheel:
        """The wheel of that name; `KeyError` when there is none."""
        for wheel in self.wheels:
            if wheel.filename == filename:
                return wheel
        raise KeyError(filename)

    @property
    def staged(self) -> Wheel | None:
        """The wheel that goes on the stage, if one does, as it is or compiled."""
        return None if self.stage_wheel is None else self.wheel(self.stage_wheel)

    @property
    def staged_file(self) -> Wheel | BytecodeArchive | None:
        """The file that goes on the stage, if one does."""
        return self.bytecode or self.staged
