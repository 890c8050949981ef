"""What is known about a trained model."""

from __future__ import annotations

from dataclasses import dataclass

from snowbuild.config.values import Framework
from snowbuild.models.description import Description


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What a model's own text files say; read without unpickling anything."""

    framework: Framework
    framework_version: str | None = None
    """The AutoGluon version that trained it; None for generic models."""
    python: str | None = None
    """Major and minor version of the Python that trained it; None if the model does not say."""
    description: Description | None = None
    """What `snowbuild describe` wrote beside the model; None if it is missing, or if the model has changed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A zip with a model's files, or with some of them, as uploaded to the stage."""

    filename: str
    """For example expense.zip, or expense.RandomForest.zip for what is below models/RandomForest/."""
    sha256: str
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimized:
    """What an optimized model was made from; it may not come out with the same bytes the next time."""

    tree_sha256: str
    """Of the model as it was trained."""
    size_before: int
    """Of all files, in bytes."""
    size_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A locked model: its content, and the archives that go on the stage."""

    name: str
    path: str
    """Relative to the folder of snowbuild.toml, with forward slashes."""
    tree_sha256: str
    """Of the paths and contents of what is in the archives, not of times or modes."""
    archives: tuple[Archive, ...]
    """Unpacked into one folder, they are the model; sorted by file name, unique, at least one."""
    facts: ModelFacts
    optimized: Optimized | None = None
    """None: the archives hold the model as it was trained."""
