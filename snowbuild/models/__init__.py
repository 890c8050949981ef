"""A model's folder → facts, read without unpickling, and deterministic archives."""

from snowbuild.models.check import check
from snowbuild.models.description import (
    Description,
    ProblemType,
    ValueKind,
    describe_model,
    description_of,
    description_path,
    tree_digest,
    write_description,
)
from snowbuild.models.facts import inspect
from snowbuild.models.families import unused_families
from snowbuild.models.fit import misfits
from snowbuild.models.locking import archive_path, lock_model, missing_model
from snowbuild.models.optimizing import lock_optimized
from snowbuild.models.values import Archive, Model, ModelFacts, Optimized

__all__ = [
    "Archive",
    "Description",
    "Model",
    "ModelFacts",
    "Optimized",
    "ProblemType",
    "ValueKind",
    "archive_path",
    "check",
    "describe_model",
    "description_of",
    "description_path",
    "inspect",
    "lock_model",
    "lock_optimized",
    "misfits",
    "missing_model",
    "tree_digest",
    "unused_families",
    "write_description",
]
