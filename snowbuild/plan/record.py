"""The deployment record ↔ its file on the stage; pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from snowbuild.codec import decode, encode, parse_json
from snowbuild.digest import sha256_bytes
from snowbuild.errors import DigestMismatchError, StageError
from snowbuild.plan.values import Record

if TYPE_CHECKING:
    from collections.abc import Iterable

RECORD_PATH = re.compile(r"(?P<project>[^/]+)/deployments/(?P<deployment>\d{6,})-(?P<digest>[0-9a-f]{12})\.json")


def to_file(record: Record) -> tuple[str, bytes]:
    """The path below the stage, and the content."""
    data = (json.dumps(encode(record), indent=1, sort_keys=True) + "\n").encode()
    digest = sha256_bytes(data)[:12]
    return f"{record.desired.project}/deployments/{record.deployment:06}-{digest}.json", data


def record_paths(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths of records among those of a project, oldest first."""
    records = {(int(m["deployment"]), path) for path in paths if (m := RECORD_PATH.fullmatch(path))}
    return tuple(path for _, path in sorted(records))


def newest(paths: Iterable[str]) -> str | None:
    """The path of the newest record among those of a project."""
    return next(reversed(record_paths(paths)), None)


def from_file(path: str, data: bytes) -> Record:
    """Read a record back.

    Raises:
        DigestMismatchError: the content is not what the name says.
        StageError: the content is not a record of this version of snowbuild.
    """
    match = RECORD_PATH.fullmatch(path)
    expected = match["digest"] if match else ""
    actual = sha256_bytes(data)
    hint = "it was changed on the stage: remove the file, and the next apply writes a new one"
    if not expected or not actual.startswith(expected):
        raise DigestMismatchError(path, expected=f"{expected}…", actual=actual, hint=hint)
    try:
        return decode(Record, parse_json(data))
    except ValueError as exc:
        raise StageError(f"not a deployment record: {exc}", where=path, hint=hint) from exc
