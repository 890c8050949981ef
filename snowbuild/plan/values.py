"""Desired, recorded and observed; and the Plan between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from snowbuild.config.values import Grant
from snowbuild.render.values import FunctionDefinition
from snowbuild.sql import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """An artifact that is on the stage, or should be."""

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
    """Something that a function is made of, by digest; a reason can name it."""

    name: str
    """Such as `model expense` or `template autogluon_vectorized.py.j2`."""
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function as a deployment makes it, or made it."""

    name: str
    """As in snowbuild.toml."""
    definition: FunctionDefinition
    """With the user's own comment; the deployment's stamp is added to it."""
    sha256: str
    """Of the CREATE statement without stamp: equal digests, equal functions."""
    files: tuple[str, ...] = ()
    """Stage paths of what it imports; sorted."""
    parts: tuple[Part, ...] = ()
    grants: tuple[Grant, ...] = ()

    @property
    def signature(self) -> Signature:
        """What distinguishes it from other overloads."""
        return self.definition.signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """Everything that a target should hold."""

    project: str
    database: str
    schema: str
    lock_sha256: str
    """Of the lockfile's bytes."""
    files: tuple[StagedFile, ...] = ()
    """Sorted by path, unique."""
    functions: tuple[Function, ...] = ()
    """Sorted by signature, unique."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a deployment came from."""

    at: str
    """UTC, ISO 8601, to the second."""
    user: str
    role: str
    commit: str | None = None
    """Of the project's repository; followed by `+` if files had changed since."""
    rollback_to: int | None = None
    """The deployment that this one rolled back to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The deployment record: what a deployment writes once everything else is done."""

    schema: str = "snowbuild.record/1"
    deployment: int
    """Counts from 1."""
    provenance: Provenance
    desired: Desired


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFile:
    """A file that is on the stage now."""

    path: str
    """Below the stage."""
    size: int
    """In bytes, as LIST shows it: more than was uploaded if the stage is encrypted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedFunction:
    """An existing function, no matter who made it."""

    signature: Signature
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is in the target now."""

    files: tuple[ObservedFile, ...] = ()
    """Under the project's folder; sorted by path."""
    functions: tuple[ObservedFunction, ...] = ()
    """All Python functions of the schema; sorted by signature."""
    record: Record | None = None
    """The newest deployment record."""

    @property
    def paths(self) -> frozenset[str]:
        """Those of the files."""
        return frozenset(f.path for f in self.files)

    @property
    def deployment(self) -> int:
        """The number of the newest deployment; 0 when there is none."""
        return 0 if self.record is None else self.record.deployment


class ActionKind(StrEnum):
    """What an action does, in the order in which a deployment does it."""

    UPLOAD = "upload"
    CREATE = "create"
    REPLACE = "replace"
    GRANT = "grant"
    REVOKE = "revoke"
    DROP = "drop"
    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Put a missing file on the stage."""

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

    function: Function
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
    """Grant a privilege on a function to a role, or revoke it."""

    signature: Signature
    privilege: str
    """In capitals."""
    role: str
    """As written."""
    revokes: bool
    reason: str

    @property
    def kind(self) -> ActionKind:
        """`grant` or `revoke`."""
        return ActionKind.REVOKE if self.revokes else ActionKind.GRANT

    @property
    def name(self) -> str:
        """The privilege, the signature and the role."""
        return f"{self.privilege} on {self.signature} {'from' if self.revokes else 'to'} {self.role}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Drop a function that is no longer needed."""

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
    """Only write the deployment record, which every other action causes as well."""

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
