"""A model's folder → facts, read without unpickling, and a deterministic archive."""

from snowbuild.models.archive import Archive, pack
from snowbuild.models.check import check
from snowbuild.models.facts import inspect
from snowbuild.models.locking import archive_path, digest_cache, lock_model, missing_model
from snowbuild.models.values import Model, ModelFacts

__all__ = [
    "Archive",
    "Model",
    "ModelFacts",
    "archive_path",
    "check",
    "digest_cache",
    "inspect",
    "lock_model",
    "missing_model",
    "pack",
]
