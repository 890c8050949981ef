"""A trained model → one that is made for deployment, locked with what it was made from.

AutoGluon writes the path of the folder that it makes into the pickles there, and sets it anew whenever they are loaded.
Here the path gives way to one that is the same for everybody: otherwise each part of each model would be another one
whenever it is made, and would have to be uploaded again.
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
"""Of the path where a model is made, in bytes: a pickle says how long a text is, so only an equally long one can take
its place. Windows wants its paths short: there, the bytes depend on how long the path of the project's folder is."""

STAND_IN = b"/made-by-snowbuild"
"""What the path in a pickle begins with; dashes fill it up."""

ZIP = b"PK\x03\x04"
"""Archives have checksums: they are left as they are."""


def lock_optimized(
    model: ModelConfig,
    *,
    root: Path,
    state: Path,
    previous: Model | None,
    optimize: Optimize | None,
) -> Model:
    """Lock what optimizing makes of a model; made once and kept below `state`.

    The same model gives the same bytes in every folder and at every time, as far as AutoGluon and what it calls write
    the same in the same environment. Forests, nearest neighbours, LightGBM and linear models do, bagged and stacked;
    nobody promises it for all. So the last lock of an unchanged model holds, whatever became of `state`.

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
            made = _of_fixed_length(Path(beside).resolve())
            optimize(model, facts, made)
            for entry in scan(made).entries:
                if not entry.is_folder:
                    _forget(os.fsencode(made), entry.path)
            # Somebody else may have made the same meanwhile.
            if not place.is_dir():
                made.rename(place)
    except OSError as exc:
        raise ModelError(f"cannot be optimized: {exc}", where=f"models.{model.name}") from exc


def _of_fixed_length(folder: Path) -> Path:
    """A name in a folder, which makes the whole path as long as any other, unless the folder's is too long already."""
    rest = 0 if os.name == "nt" else LENGTH - len(os.fsencode(folder)) - len(os.sep)
    return folder / ("-" * max(rest, 1))


def _forget(path: bytes, file: Path) -> None:
    """Let the stand-in take the place of a path wherever a file holds it."""
    if file.stat().st_size < len(path):
        return
    # Mapped, since the files of a predictor may be larger than the memory.
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as content:
        if content[: len(ZIP)] == ZIP:
            return
        found = content.find(path)
        while found >= 0:
            content[found : found + len(path)] = STAND_IN.ljust(len(path), b"-")[: len(path)]
            found = content.find(path, found + len(path))


def _size(tree: Tree) -> int:
    return sum(size(entry.path) for entry in tree.entries if not entry.is_folder)
