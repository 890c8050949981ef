"""What is known about a trained model."""

from __future__ import annotations

from dataclasses import dataclass

from snowbuild.config.values import Framework


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What a model's own text files say; read without unpickling anything."""

    framework: Framework
    framework_version: str | None = None
    """The AutoGluon version that trained it; None for generic models."""
    python: str | None = None
    """Major and minor version of the Python that trained it; None where the model does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model as it is locked: its content, and the archive that goes on the stage."""

    name: str
    path: str
    """Relative to the folder of snowbuild.toml, with forward slashes."""
    tree_sha256: str
    """Over paths and contents, not over times or modes."""
    archive: str
    """The archive's file name, such as expense.zip."""
    archive_sha256: str
    archive_size: int
    """In bytes."""
    facts: ModelFacts
