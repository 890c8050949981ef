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
    database: str
    schema: str
    lock_sha256: str
    """Of the lockfile's bytes."""
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
    parts: tuple[Part, ...] = ()
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The deployment record: what a deployment wrote down when everything else was done."""

    schema: str = "snowbuild.record/1"
    project: str
    deployment: int
    """Counts from 1."""
    lock_sha256: str
    files: tuple[StagedFile, ...] = ()
    functions: tuple[RecordedFunction, ...] = ()


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
class Upload:
    """Put a file on the stage that is not there."""

    file: StagedFile
    reason: str

    @property
    def kind(self) -> ActionKind:
        """Always `upload`."""
        return ActionKind.UPLOAD

    @property
    def name(self) -> str:
        """The path below the project's folder."""
        return self.file.path.partition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Define:
    """Create a function, or replace the one with the same signature."""

    function: DesiredFunction
    replaces: bool
    reason: str

    @property
    def kind(self) -> ActionKind:
        """`create` or `replace`."""
        return ActionKind.REPLACE if self.replaces else ActionKind.CREATE

    @property
    def name(self) -> str:
        """The signature."""
        return str(self.function.signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGrant:
    """Grant a privilege on a function to a role, or take it back."""

    signature: Signature
    privilege: str
    role: str
    revokes: bool
    reason: str

    @property
    def kind(self) -> ActionKind:
        """`grant` or `revoke`."""
        return ActionKind.REVOKE if self.revokes else ActionKind.GRANT

    @property
    def name(self) -> str:
        """The privilege, the signature and the role."""
        return f"{self.privilege.upper()} on {self.signature} {'from' if self.revokes else 'to'} {self.role}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Drop a function that is no longer wanted."""

    signature: Signature
    reason: str

    @property
    def kind(self) -> ActionKind:
        """Always `drop`."""
        return ActionKind.DROP

    @property
    def name(self) -> str:
        """The signature."""
        return str(self.signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRecord:
    """Only write the deployment record; every other action brings one as well."""

    deployment: int
    reason: str

    @property
    def kind(self) -> ActionKind:
        """Always `record`."""
        return ActionKind.RECORD

    @property
    def name(self) -> str:
        """The deployment's number."""
        return f"deployment {self.deployment}"


Action = Upload | Define | ChangeGrant | Drop | WriteRecord
"""One step with its reason."""


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

    @property
    def uploads(self) -> tuple[Upload, ...]:
        """The files to upload, in order."""
        return tuple(a for a in self.actions if isinstance(a, Upload))

    @property
    def upload_size(self) -> int:
        """Bytes to upload."""
        return sum(a.file.size for a in self.uploads)
