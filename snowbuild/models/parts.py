"""A predictor's tree → the parts that are packed by themselves. Pure.

A change to one sub-model, or to the metadata, then uploads that part and nothing else.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from snowbuild.config import Framework
from snowbuild.files.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from snowbuild.files.tree import Entry

SUB_MODEL = re.compile(r"models/([A-Za-z0-9][A-Za-z0-9_-]*)/")
"""A name of any other form, which has no place in a file's name, stays with the rest."""

# Each file costs a PUT of its own, and its requests take about as long as a megabyte does on a line of 100 Mbit/s:
# what is smaller costs more apart than it can spare.
LEAST = 1_000_000
"""In bytes, before it is packed."""


def parts(name: str, framework: Framework, tree: Tree, size: Callable[[Path], int]) -> Mapping[str, Tree]:
    """Divide a model among archives.

    Args:
        name: The model's.
        framework: Only a predictor of AutoGluon has sub-models.
        tree: What the model holds.
        size: Gives that of a file in bytes.

    Returns:
        The file name of each archive, and what goes into it; sorted by name. Together they are the whole tree.
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
    return None if match is None else match[1]
