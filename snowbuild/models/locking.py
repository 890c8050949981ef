"""A model's folder → the Model that the lock records, and its archives below `.snowbuild/`."""

from __future__ import annotations

import difflib
import functools
import json
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from snowbuild.errors import ModelError, Problem
from snowbuild.files.archive import Packed, pack, packing
from snowbuild.files.atomic import write_atomically
from snowbuild.files.stat_cache import project_cache
from snowbuild.files.tree import refuse_links, scan
from snowbuild.models.facts import inspect
from snowbuild.models.parts import parts
from snowbuild.models.values import Archive, Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowbuild.config import ModelConfig
    from snowbuild.files.tree import Tree

    Digest = Callable[[Path], str]

NOTE_SCHEMA = "snowbuild.archive/2"


def archive_path(archive: Archive, state: Path) -> Path:
    """The path where `lock_model` put a model's archive, which may have been deleted since."""
    return _folder(state) / f"{archive.sha256}.zip"


def lock_model(
    model: ModelConfig, *, root: Path, state: Path, notice: Callable[[Problem], None] = lambda _: None
) -> Model:
    """Digest a model, read its facts, and pack it if that has not been done before.

    Files that have not changed since the last time are not read again, and an archive of the same content is not
    packed again: both are kept below `state`, which may be deleted at any time.

    Args:
        model: Its path is relative to `root`.
        root: The folder of snowbuild.toml.
        state: The folder for what can be recreated.
        notice: Called with what deserves a look but is not an error.

    Raises:
        ModelError: no such folder, a damaged model, or one that changed in the meantime.
        TreeError: a link, also in the path to the model, or a name that cannot be packed; or `state` cannot be written.
    """
    tree = scan_model(model, root)
    for names in tree.case_collisions:
        message = f"{' and '.join(names)} are one file on a system that ignores case"
        notice(Problem(message=message, where=f"models.{model.name}.path"))
    return pack_model(model, root / model.path, tree, state)


def scan_model(model: ModelConfig, root: Path) -> Tree:
    """List a model's files.

    Raises:
        ModelError, TreeError: as `lock_model`.
    """
    source = root / model.path
    if not source.exists() and not source.is_symlink():
        raise missing_model(model, root)
    refuse_links(root, model.path)
    tree = scan(source)
    if not tree.entries:
        raise ModelError(f"an empty folder: {model.path}", where=f"models.{model.name}.path", hint=_train(model))
    return tree


def pack_model(model: ModelConfig, source: Path, tree: Tree, state: Path) -> Model:
    """Digest, read and pack what is in `source`, which has the files of `tree`.

    Raises:
        ModelError, TreeError: as `lock_model`.
    """
    where = f"models.{model.name}.path"
    facts = inspect(source, model.framework, label=model.path)
    with project_cache(state) as cache:
        # Each file counts for the whole and for its part; without this, one that has just changed would be read twice.
        digest = functools.cache(cache.sha256)
        sha256 = _digest(tree, digest, where)
        archives = tuple(
            _archive(model.name, filename, part, state, digest)
            for filename, part in parts(model.name, facts.framework, tree, size).items()
        )
    return Model(name=model.name, path=model.path, tree_sha256=sha256, archives=archives, facts=facts)


def _digest(tree: Tree, digest: Digest, where: str) -> str:
    try:
        return tree.sha256(digest)
    except OSError as exc:
        raise ModelError(f"cannot be read: {exc.strerror}", where=str(exc.filename or where)) from exc


def _archive(name: str, filename: str, tree: Tree, state: Path, digest: Digest) -> Archive:
    where = f"models.{name}.path"
    sha256 = _digest(tree, digest, where)
    packed = _packed(sha256, state, digest)
    if packed is None:
        packed = pack(tree, _folder(state), where=f"models.{name}")
        if packed.tree_sha256 != sha256:
            raise ModelError("changed while it was packed", where=where, hint="wait until its training has ended")
        _note(packed, state)
    return Archive(filename=filename, sha256=packed.sha256, size=packed.size)


def size(path: Path) -> int:
    """A file's size in bytes.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        return path.stat().st_size
    except OSError as exc:
        raise ModelError(f"cannot be read: {exc.strerror}", where=str(path)) from exc


def _folder(state: Path) -> Path:
    return state / "models"


def _packed(tree_sha256: str, state: Path, digest: Digest) -> Packed | None:
    # The note says how a tree was packed and what the result was; the archive must still be that result.
    with suppress(OSError, ValueError, TypeError, KeyError):
        note = json.loads((_folder(state) / f"{tree_sha256}.json").read_bytes())
        file = _folder(state) / f"{note['sha256']}.zip"
        expected = {"schema": NOTE_SCHEMA, "packing": packing(), "sha256": digest(file)}
        if note == expected:
            return Packed(tree_sha256=tree_sha256, sha256=expected["sha256"], size=file.stat().st_size)
    return None


def _note(packed: Packed, state: Path) -> None:
    # Without a note, the files are just packed again the next time.
    note = {"schema": NOTE_SCHEMA, "packing": packing(), "sha256": packed.sha256}
    with suppress(OSError):
        write_atomically(_folder(state) / f"{packed.tree_sha256}.json", json.dumps(note).encode() + b"\n")


def missing_model(model: ModelConfig, root: Path) -> ModelError:
    """The error for a missing model, with a suggestion; `root` is as for `lock_model`."""
    where = f"models.{model.name}.path"
    path = PurePosixPath(model.path)
    kind = "file" if path.suffix else "folder"
    neighbours = []
    with suppress(OSError):
        neighbours = sorted(item.name for item in (root / path.parent).iterdir())
    close = difflib.get_close_matches(path.name, neighbours, n=1)
    hint = f"did you mean {(path.parent / close[0]).as_posix()}?" if close else _train(model)
    return ModelError(f"no such {kind}: {model.path}", where=where, hint=hint)


def _train(model: ModelConfig) -> str:
    return f"train {model.name} first, for example with `snowbuild run -- python train.py`"
