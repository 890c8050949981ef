"""A trained model → one that is optimized for deployment, locked with a record of what it was made from.

AutoGluon writes the path of the folder that it creates into the pickles in it, and sets it again whenever they are
loaded. Here that path is replaced by one that is always the same: otherwise every part of the model would differ each
time it is made, and would have to be uploaded again.
"""

from __future__ import annotations

import mmap
import os
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

LENGTH = 200
"""Of the path where a model is made, in bytes: a pickle states the length of a text, so only one of equal length can
take its place. On Windows, where paths must be short, the bytes depend on the length of the project folder's path."""

STAND_IN = b"/made-by-snowbuild"
"""The beginning of the path in a pickle; dashes fill the rest."""

ZIP = b"PK\x03\x04"
"""Archives are left as they are, because they have checksums."""


def lock_optimized(
    model: ModelConfig,
    *,
    root: Path,
    state: Path,
    previous: Model | None,
    optimize: Optimize | None,
) -> Model:
    """Lock the optimized form of a model, which is made once and kept below `state`.

    The same model becomes the same bytes in every folder and at every time, as long as AutoGluon and what it calls
    write the same in the same environment. Forests, nearest neighbours, LightGBM and linear models do, also bagged and
    stacked; it is not guaranteed for all. So the last lock of an unchanged model stays valid, even if `state` is lost.

    Args:
        model: Its path is relative to `root`.
        root: The folder of snowbuild.toml.
        state: The folder for what can be recreated.
        previous: The model in the last lock; None: there is none, or it must not be kept.
        optimize: Makes a folder from a model and its known facts, including its description; None: nothing may be
            made, and a model that would need it is locked as it is.

    Raises:
        ModelError, TreeError: as `lock_model`; if it is not an AutoGluon predictor; or as `optimize`.
    """
    source = root / model.path
    before = scan_model(model, root)
    facts = inspect(source, model.framework, label=model.path)
    if facts.framework is not Framework.AUTOGLUON:
        raise ModelError(
            "only an AutoGluon predictor can be optimized for deployment",
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
    # Also when the last lock is kept: its archives should be here if they were made from this folder.
    locked = pack_model(model, place, after, state)
    made_from = Optimized(tree_sha256=sha256, size_before=_size(before), size_after=_size(after))
    return kept or replace(locked, optimized=made_from)


def _make(model: ModelConfig, facts: ModelFacts, place: Path, optimize: Optimize) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".") as beside:
            made = _of_fixed_length(Path(beside).resolve())
            optimize(model, facts, made)
            for entry in scan(made).entries:
                if not entry.is_folder:
                    _forget(os.fsencode(made), entry.path)
            # Another process may have made the same in the meantime.
            if not place.is_dir():
                made.rename(place)
    except OSError as exc:
        raise ModelError(f"cannot be optimized: {exc}", where=f"models.{model.name}") from exc


def _of_fixed_length(folder: Path) -> Path:
    """A path in a folder that is always equally long, unless the folder's own path is too long already."""
    rest = 0 if os.name == "nt" else LENGTH - len(os.fsencode(folder)) - len(os.sep)
    return folder / ("-" * max(rest, 1))


def _forget(path: bytes, file: Path) -> None:
    """Replace a path by the stand-in wherever a file contains it."""
    if file.stat().st_size < len(path):
        return
    # Mapped, because a predictor's files may be larger than the memory.
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as content:
        if content[: len(ZIP)] == ZIP:
            return
        found = content.find(path)
        while found >= 0:
            content[found : found + len(path)] = STAND_IN.ljust(len(path), b"-")[: len(path)]
            found = content.find(path, found + len(path))


def _size(tree: Tree) -> int:
    return sum(size(entry.path) for entry in tree.entries if not entry.is_folder)
