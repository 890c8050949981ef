"""recorded ≠ observed: what was changed in a target since the last deployment. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from snowbuild.plan.stamp import read_stamp
from snowbuild.sql import stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from snowbuild.plan.values import Function, Observed, Record, StagedFile
    from snowbuild.sql import Signature

ENCRYPTION_BYTES = 32
"""How much longer a file may be in LIST: stages are encrypted in blocks of 16 bytes."""


class DriftKind(StrEnum):
    """What happened."""

    CHANGED = "changed"
    DROPPED = "dropped"
    GRANTED = "granted"
    REVOKED = "revoked"
    MISSING = "missing"
    RESIZED = "resized"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One difference."""

    kind: DriftKind
    name: str
    """A signature, or a path below the stage."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the target says about a function, beyond its existence."""

    text: str
    """Everything that DESCRIBE FUNCTION says. Its lists have a special format, of which only the content matters."""
    grants: frozenset[tuple[str, str]]
    """Privilege and role, without OWNERSHIP."""


def drift(record: Record, observed: Observed, described: Mapping[Signature, Description]) -> tuple[Drift, ...]:
    """Every difference between the last deployment and the target; functions first, both sorted by name."""
    there = {f.signature: f.comment for f in observed.functions}
    found: list[Drift] = []
    for function in record.desired.functions:
        if function.signature not in there:
            found.append(_of(DriftKind.DROPPED, function, f"since deployment {record.deployment}"))
        else:
            found += _changes(function, there[function.signature], described.get(function.signature))
    sizes = {f.path: f.size for f in observed.files}
    for file in record.desired.files:
        found += _file(file, sizes.get(file.path))
    return tuple(found)


def _changes(function: Function, comment: str, description: Description | None) -> Iterator[Drift]:
    stamp = read_stamp(comment)
    is_same = stamp is not None and function.sha256.startswith(stamp.definition)
    if stamp is None:
        yield _of(DriftKind.CHANGED, function, "replaced by hand: it has no stamp")
    elif not is_same:
        yield _of(DriftKind.CHANGED, function, f"of deployment {stamp.deployment} of {stamp.project}")
    elif stamp.comment(function.definition.comment) != comment:
        yield _of(DriftKind.CHANGED, function, "its comment was changed")
    if description is None:
        return
    # For another definition, details of what is missing say nothing more.
    for part in _parts(function) if is_same else ():
        if part[1] not in description.text:
            yield _of(DriftKind.CHANGED, function, f"{' '.join(part)} is gone from it")
    wanted = {(g.privilege, stored(role)) for g in function.grants for role in g.roles}
    for privilege, role in sorted(description.grants - wanted):
        yield _of(DriftKind.GRANTED, function, f"{privilege} to {role}, by hand")
    for privilege, role in sorted(wanted - description.grants):
        yield _of(DriftKind.REVOKED, function, f"{privilege} from {role}, by hand")


def _parts(function: Function) -> Iterator[tuple[str, str]]:
    """What DESCRIBE FUNCTION has to mention, each with a name for it."""
    definition = function.definition
    yield from (("import", path) for path in function.files)
    yield from (("package", package) for package in definition.packages)
    yield ("handler", definition.handler)
    yield ("runtime", definition.runtime_version)


def _file(file: StagedFile, size: int | None) -> Iterator[Drift]:
    if size is None:
        yield Drift(kind=DriftKind.MISSING, name=file.path, detail="removed from the stage")
    elif not file.size <= size <= file.size + ENCRYPTION_BYTES:
        yield Drift(kind=DriftKind.RESIZED, name=file.path, detail=f"{size} bytes, deployed with {file.size}")


def _of(kind: DriftKind, function: Function, detail: str) -> Drift:
    return Drift(kind=kind, name=str(function.signature), detail=detail)
