"""A trained model → one that is made for deployment, locked with what it was made from."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild.config import Framework
from snowbuild.errors import ModelError
from snowbuild.files.stat_cache import project_cache
from snowbuild.files.tree import scan
from snowbuild.models.description import SUFFIX, read_description, tree_digest
from snowbuild.models.facts import inspect
from snowbuild.models.locking import pack_model, scan_model, size
from snowbuild.models.values import Optimized

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowbuild.config import ModelConfig
    from snowbuild.files.tree import Tree
    from snowbuild.models.values import Model, ModelFacts

    Optimize = Callable[[ModelConfig, ModelFacts, Path], None]


def lock_optimized(
    model: ModelConfig,
    *,
    root: Path,
    state: Path,
    previous: Model | None,
    optimize: Optimize | None,
) -> Model:
    """Lock what optimizing makes of a model; made once and kept below `state`.

    Since optimizing the same model again gives other bytes, the last lock of an unchanged model holds, whatever became
    of `state`.

    Args:
        model: Its path is relative to `root`.
        root: The folder of snowbuild.toml.
        state: The folder for what can be made again.
        previous: The model in the last lock; None: there is none, or it is not to be kept.
        optimize: Makes a folder out of a model, of which it is told what is known, its description included; None:
            nothing is to be made, and a model that would have to be is locked as it is.

    Raises:
        ModelError, TreeError: as `lock_model`, and no predictor of AutoGluon; or as `optimize`.
    """
    source = root / model.path
    before = scan_model(model, root)
    facts = inspect(source, model.framework, label=model.path)
    if facts.framework is not Framework.AUTOGLUON:
        raise ModelError(
            "only a predictor of AutoGluon can be optimized for deployment",
            where=f"models.{model.name}.optimize",
            hint="remove the key",
        )
    with project_cache(state) as cache:
        sha256 = before.sha256(cache.sha256)
    kept: Model | None = None
    if previous is not None and previous.optimized is not None and previous.optimized.tree_sha256 == sha256:
        kept = replace(previous, facts=facts)
    place = state / "optimized" / sha256
    if not place.is_dir():
        if kept:
            return kept
        if optimize is None:
            return pack_model(model, source, before, state)
        description, _ = read_description(source, lambda: sha256, label=f"{model.path}{SUFFIX}")
        _make(model, replace(facts, description=description), place, optimize)
        if tree_digest(source) != sha256:
            shutil.rmtree(place)
            raise ModelError(
                "changed while it was optimized", where=f"models.{model.name}", hint="wait until its training has ended"
            )
    after = scan(place)
    # Also for a lock that is kept: its archives are to be here, where this is what they were made from.
    locked = pack_model(model, place, after, state)
    made_from = Optimized(tree_sha256=sha256, size_before=_size(before), size_after=_size(after))
    return kept or replace(locked, optimized=made_from)


def _make(model: ModelConfig, facts: ModelFacts, place: Path, optimize: Optimize) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".") as beside:
            made = Path(beside, place.name)
            optimize(model, facts, made)
            # Somebody else may have made the same meanwhile.
            if not place.is_dir():
                made.rename(place)
    except OSError as exc:
        raise ModelError(f"cannot be optimized: {exc}", where=f"models.{model.name}") from exc


def _size(tree: Tree) -> int:
    return sum(size(entry.path) for entry in tree.entries if not entry.is_folder)
