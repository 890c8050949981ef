"""A model's folder → facts, read without unpickling, and deterministic archives."""

from snowbuild.models.check import check, check_facts
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
from snowbuild.models.families import requiring, suspected_families, unused_families
from snowbuild.models.fit import foreign_features, misfits
from snowbuild.models.locking import archive_path, lock_model, missing_model, scan_model
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
    "check_facts",
    "describe_model",
    "description_of",
    "description_path",
    "foreign_features",
    "inspect",
    "lock_model",
    "lock_optimized",
    "misfits",
    "missing_model",
    "requiring",
    "scan_model",
    "suspected_families",
    "tree_digest",
    "unused_families",
    "write_description",
]
