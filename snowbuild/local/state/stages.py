"""Files on stages: folders below the server's root."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from snowbuild.files.atomic import written_beside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snowbuild.local.values.names import StagePath


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedFile:
    """One file on a stage."""

    path: str
    """Below the stage, with forward slashes."""
    file: Path
    size: int
    """In bytes."""
    modified_s: float
    """Seconds since the epoch."""

    def md5(self) -> str:
        """As LIST shows it; nothing depends on it."""
        with self.file.open("rb") as stream:
            return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()

    @property
    def last_modified(self) -> str:
        """As LIST shows it."""
        return formatdate(self.modified_s, usegmt=True)


class StageFiles:
    """All stages below one folder, laid out as fakesnow's COPY INTO expects it: database/schema/stage/path."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, place: StagePath) -> Path:
        """The folder of the stage itself."""
        return self.root.joinpath(*(_folder_name(part) for part in (place.database, place.schema, place.stage)))

    def file(self, place: StagePath) -> Path:
        """The path of a staged file; `StagePath` has refused paths that leave the stage."""
        return self.folder(place) / place.path

    def list(self, place: StagePath, pattern: str | None = None) -> list[StagedFile]:
        """The files whose path starts with the place's, sorted by path; `pattern` must match all of stage/path."""
        top = self.folder(place)
        found: list[StagedFile] = []
        for folder, _, names in os.walk(top):
            for name in names:
                file = Path(folder, name)
                path = file.relative_to(top).as_posix()
                if name.startswith(TEMPORARY) or not path.startswith(place.path):
                    continue
                if pattern is None or re.fullmatch(pattern, f"{place.stage.lower()}/{path}"):
                    facts = file.stat()
                    found.append(StagedFile(path=path, file=file, size=facts.st_size, modified_s=facts.st_mtime))
        return sorted(found, key=lambda staged: staged.path)

    def remove(self, staged: StagedFile) -> None:
        """Delete a file, and the folders that it leaves empty."""
        staged.file.unlink(missing_ok=True)
        for parent in list(staged.file.parents)[: staged.path.count("/")]:
            try:
                parent.rmdir()
            except OSError:  # Something else is in it.
                break

    def drop(self, place: StagePath) -> None:
        """Delete a whole stage."""
        shutil.rmtree(self.folder(place), ignore_errors=True)

    def drop_namespace(self, database: str, schema: str | None) -> None:
        """Delete every stage of a database or schema."""
        names = [database] if schema is None else [database, schema]
        shutil.rmtree(self.root.joinpath(*map(_folder_name, names)), ignore_errors=True)


TEMPORARY = ".snowbuild-upload-"
"""How names of unfinished files begin; LIST skips them, since a user's file may begin with a dot."""


async def write(target: Path, chunks: AsyncIterator[bytes]) -> None:
    """Write a file as its bytes arrive, so that no reader sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with written_beside(target, prefix=TEMPORARY) as stream:
        async for chunk in chunks:
            stream.write(chunk)


def _folder_name(name: str) -> str:
    """A stored name as a folder name: without separators, and not the parent folder."""
    return quote(name, safe="$ ") if set(name) != {"."} else name.replace(".", "%2E")
