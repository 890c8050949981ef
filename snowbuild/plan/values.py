"""Desired, recorded and observed; and the Plan between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from snowbuild.config.values import Grant
from snowbuild.render.values import FunctionDefinition
from snowbuild.sql import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """An artifact on the stage, or one that belongs there."""

    path: str
    """Below the stage, with the project first and the digest in it; unique by content."""
    sha256: str
    size: int
    """In bytes, of the artifact itself; LIST may say more where stages are encrypted."""

    @property
    def filename(self) -> str:
        """The base name, which a function's imports must have only once."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that a function is made of, by digest: what a reason can name."""

    name: str
    """Such as `model expense` or `template autogluon_vectorized.py.j2`."""
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredFunction:
    """A function as the lock asks for it."""

    name: str
    """As in snowbuild.toml."""
    signature: Signature
    definition: FunctionDefinition
    sha256: str
    """Of the CREATE statement without deployment or time: equal digests, equal functions."""
    files: tuple[str, ...]
    """Stage paths of what it imports; sorted."""
    parts: tuple[Part, ...]
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What the lock asks for in one target."""

    project: str
    lock_sha256: str
    files: tuple[StagedFile, ...]
    """Sorted by path, unique."""
    functions: tuple[DesiredFunction, ...]
    """Sorted by signature, unique."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFunction:
    """A function as the last deployment left it."""

    name: str
    signature: Signature
    sha256: str
    parts: tuple[Part, ...]
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The deployment record: what a deployment wrote down when everything else was done."""

    schema: str = "snowbuild.record/1"
    project: str
    deployment: int
    """Counts from 1."""
    lock_sha256: str
    files: tuple[StagedFile, ...]
    functions: tuple[RecordedFunction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFunction:
    """A function that is there now, whoever made it."""

    signature: Signature
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is in the target now."""

    files: tuple[str, ...] = ()
    """Paths below the stage, under the project's folder; sorted."""
    functions: tuple[ObservedFunction, ...] = ()
    """All Python functions of the schema; sorted by signature."""
    record: Record | None = None
    """The newest deployment record."""

    @property
    def deployment(self) -> int:
        """The number of the newest deployment; 0 when there is none."""
        return 0 if self.record is None else self.record.deployment


class ActionKind(StrEnum):
    """What an action does; in the order in which a deployment does it."""

    UPLOAD = "upload"
    CREATE = "create"
    REPLACE = "replace"
    GRANT = "grant"
    REVOKE = "revoke"
    DROP = "drop"
    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step with its reason."""

    kind: ActionKind
    name: str
    """What it acts on: a path below the project's folder, a signature, or a privilege with its role."""
    reason: str
    path: str | None = None
    """For uploads: the path below the stage."""
    size: int | None = None
    """For uploads, in bytes."""
    digest: str | None = None
    """Of the file, or of the function's definition."""
    signature: Signature | None = None
    """Of the function that is created, replaced, granted on or dropped."""
    grant: Grant | None = None
    """For grants and revocations: one privilege, one role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The ordered actions that make a target what the lock asks for."""

    actions: tuple[Action, ...]
    kept: int
    """Files and functions that stay as they are."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.actions

    def of(self, *kinds: ActionKind) -> tuple[Action, ...]:
        """The actions of these kinds, in order."""
        return tuple(a for a in self.actions if a.kind in kinds)

    @property
    def upload_size(self) -> int:
        """Bytes to upload."""
        return sum(a.size or 0 for a in self.of(ActionKind.UPLOAD))
