"""The ports of `apply`, in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild.errors import SqlError
from snowbuild.plan import Observed, ObservedFile, ObservedFunction
from snowbuild.plan.record import from_file, newest
from tests.plan.cases import signature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from snowbuild.plan import StagedFile


@dataclass
class FakeTarget:
    """Keeps what it is told, and fails at the step that it is told to."""

    fails_at: int | None = None
    """Counts steps from 0; None: never."""
    fails_on: str | None = None
    """Text of a statement, once."""
    steps: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    """Signature → comment."""

    def observe(self, project: str) -> Observed:
        paths = tuple(sorted(p for p in self.files if p.startswith(f"{project}/")))
        path = newest(paths)
        return Observed(
            files=tuple(ObservedFile(path=p, size=len(self.files[p])) for p in paths),
            functions=tuple(
                ObservedFunction(signature=signature(text), comment=comment)
                for text, comment in sorted(self.functions.items())
            ),
            record=None if path is None else from_file(path, self.files[path]),
        )

    def create_stage(self) -> None:
        self._step("create stage")

    def upload(self, local: Path, file: StagedFile) -> None:
        assert local.name == file.filename
        self._step(f"upload {file.path}")
        self.files.setdefault(file.path, b"")

    def write(self, path: str, data: bytes) -> None:
        self._step(f"write {path}")
        assert path not in self.files, "nothing is ever overwritten"
        self.files[path] = data

    def execute(self, statement: str) -> None:
        first = statement.splitlines()[0]
        self._step(statement)
        if statement.startswith("CREATE"):
            match = re.search(r'"(\w+)"\s*\(\s*"\w+" (\w+)', statement)
            assert match is not None, first
            comment = re.search(r"COMMENT = '(.*)'", statement)
            assert comment is not None, first
            self.functions[f"{match[1]}({match[2].partition('(')[0]})"] = comment[1]
        elif statement.startswith("DROP"):
            match = re.search(r'"(\w+)"\((\w+)\)$', statement)
            assert match is not None, first
            self.functions.pop(f"{match[1]}({match[2]})", None)

    def _step(self, step: str) -> None:
        if self.fails_at is not None and len(self.steps) >= self.fails_at:
            raise SqlError("the connection broke", where="target fake")
        if self.fails_on is not None and self.fails_on in step:
            self.fails_on = None
            raise SqlError("the connection broke", where="target fake")
        self.steps.append(step)


class FakeArtifacts:
    """Has every file."""

    def fetch(self, files: Sequence[StagedFile]) -> Mapping[StagedFile, Path]:
        return {file: Path(file.filename) for file in files}
