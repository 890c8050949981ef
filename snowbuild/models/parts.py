"""A predictor's tree → the parts that are packed separately. Pure.

After a change to one sub-model, or to the metadata, only that part is uploaded.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from snowbuild.config import Framework
from snowbuild.digest import sha256_bytes
from snowbuild.files.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from snowbuild.files.tree import Entry

SUB_MODEL = re.compile(r"models/([^/]+)/")

ODD = re.compile(r"[^A-Za-z0-9_-]")
"""Characters that must not be in the name of a staged file; AutoGluon accepts any name for a sub-model."""

LONGEST = 100
"""How many characters of a name are kept: the file name must not become too long."""

# Each file costs a separate PUT, and its requests take about as long as a megabyte does at 100 Mbit/s: packing smaller
# parts separately costs more than it can save.
LEAST = 1_000_000
"""In bytes, before it is packed."""


def parts(name: str, framework: Framework, tree: Tree, size: Callable[[Path], int]) -> Mapping[str, Tree]:
    """Divide a model into archives.

    Args:
        name: The model's.
        framework: Only a predictor of AutoGluon has sub-models.
        tree: What the model holds.
        size: Returns the size of a file in bytes.

    Returns:
        The file name of each archive and its content; sorted by name. Together they are the whole tree.
    """
    names = {entry: _sub_model(entry, framework) for entry in tree.entries}
    sizes = Counter[str | None]()
    for entry, sub_model in names.items():
        sizes[sub_model] += 0 if entry.is_folder else size(entry.path)
    divided: dict[str, list[Entry]] = {}
    for entry, sub_model in names.items():
        apart = sub_model is not None and sizes[sub_model] >= LEAST
        divided.setdefault(f"{name}.{sub_model}.zip" if apart else f"{name}.zip", []).append(entry)
    return {filename: Tree(entries=tuple(divided[filename])) for filename in sorted(divided)}


def _sub_model(entry: Entry, framework: Framework) -> str | None:
    match = SUB_MODEL.match(entry.name) if framework is Framework.AUTOGLUON else None
    return None if match is None else _plain(match[1])


def _plain(name: str) -> str:
    """A name that a file can have; one that had to be changed ends with a digest, so that no two become the same."""
    plain = ODD.sub("_", name)[:LONGEST]
    return name if plain == name else f"{plain}-{sha256_bytes(name.encode())[:8]}"
