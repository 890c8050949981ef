"""A locked model → the same with the description that lies beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from snowbuild.config import Framework
from snowbuild.errors import Problem
from snowbuild.files.tree import scan
from snowbuild.models.description import SUFFIX, read_description
from snowbuild.models.locking import digest_cache

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.models.values import Model


def describe_model(model: Model, *, root: Path, state: Path) -> tuple[Model, tuple[Problem, ...]]:
    """Add the description, if it is that of the model as it is; and a note if there is none.

    Args:
        model: As `lock_model` gives it.
        root: The folder of snowbuild.toml.
        state: The folder for what can be made again.

    Raises:
        ModelError: the description cannot be read.
    """
    if model.facts.framework is not Framework.AUTOGLUON:
        return model, ()
    source = root / model.path

    def digest() -> str:
        # Of what was described, whatever becomes of it on its way to the stage.
        with digest_cache(state) as cache:
            return scan(source).sha256(cache.sha256)

    label = f"{model.path}{SUFFIX}"
    description, stale = read_description(source, digest, label=label)
    if description is not None:
        return replace(model, facts=replace(model.facts, description=description)), ()
    state_of_it = "is not that of the model as it is" if stale else "is missing"
    note = Problem(
        message=f"{label} {state_of_it}: functions are not checked against the model's features",
        where=f"models.{model.name}",
        hint=f"`snowbuild describe {model.name}` writes it",
    )
    return model, (note,)
