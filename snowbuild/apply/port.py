"""What a deployment needs of the place that it deploys to, and of the place where artifacts lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from snowbuild.plan.values import StagedFile


class Target(Protocol):
    """A place to deploy to. Every method raises `TargetError`, or one below it, and nothing else."""

    def create_stage(self) -> None:
        """See to it that the stage exists."""

    def upload(self, local: Path, file: StagedFile) -> None:
        """Put a local file on the stage; one that is there already stays. May be called from several threads."""

    def write(self, path: str, data: bytes) -> None:
        """Put bytes on the stage, at a path that nothing has yet."""

    def execute(self, statement: str) -> None:
        """Run one statement for its effect."""


class Artifacts(Protocol):
    """Where the bytes of artifacts come from."""

    def fetch(self, files: Sequence[StagedFile]) -> Mapping[StagedFile, Path]:
        """A local file of the same base name for each, whose digest was verified just now.

        Raises:
            SnowbuildError: some are not here and cannot be had, or their digest differs; names them all.
        """
