"""What a deployment needs from its target and from the store of artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from snowbuild.plan.values import StagedFile


class Target(Protocol):
    """A place to deploy to. Every method raises `TargetError`, or a subclass, and nothing else."""

    def create_stage(self) -> None:
        """Create the stage if it does not exist."""

    def upload(self, local: Path, file: StagedFile) -> None:
        """Put a local file on the stage; an existing one is kept. May be called from several threads."""

    def write(self, path: str, data: bytes) -> None:
        """Put bytes on the stage, at an unused path."""

    def execute(self, statement: str) -> None:
        """Run one statement for its effect."""


class Artifacts(Protocol):
    """Supplies the bytes of artifacts."""

    def fetch(self, files: Sequence[StagedFile]) -> Mapping[StagedFile, Path]:
        """A local file of the same base name for each, with its digest just verified.

        Raises:
            SnowbuildError: some are not available, or their digest differs; names them all.
        """
