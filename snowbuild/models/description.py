"""A predictor's description of itself, written beside it: planning reads it instead of unpickling anything.

`snowbuild describe`, or a training script, writes it; `describe_model` adds it to a locked model.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from snowbuild.codec import CodecError, decode, encode, parse_json
from snowbuild.config.values import Framework
from snowbuild.errors import ModelError, Problem
from snowbuild.files.atomic import write_atomically
from snowbuild.files.stat_cache import project_cache
from snowbuild.files.tree import scan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from snowbuild.models.values import Model

SCHEMA = "snowbuild.model/1"
SUFFIX = ".snowbuild.json"


class ProblemType(StrEnum):
    """What a predictor was trained to predict; AutoGluon's own words."""

    REGRESSION = "regression"
    BINARY = "binary"
    MULTICLASS = "multiclass"
    QUANTILE = "quantile"


class ValueKind(StrEnum):
    """The kind of values that a feature or the classes have."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    TIME = "time"
    ZONED = "zoned"
    """A time with a zone."""
    OTHER = "other"
    """Several of these: passed to the model as they are."""
    FOREIGN = "foreign"
    """Other Python objects, such as Decimal or bytes: their SQL counterparts are not always equal to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A column that the predictor needs."""

    name: str
    kind: ValueKind
    dtype: str
    """That of the training data, as pandas calls it; where that is only `object`, what the objects are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubModel:
    """One of the models that a predictor consists of."""

    name: str
    family: str
    """AutoGluon's key for it, such as GBM or RF."""
    used: bool
    """Whether predictions need it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A predictor's facts, as `snowbuild describe` finds them by loading it."""

    problem_type: ProblemType
    label: str
    features: tuple[Feature, ...] = ()
    """In the order of the training data."""
    ignored: tuple[str, ...] = ()
    """Columns of the training data that the predictor does not use; sorted."""
    classes: tuple[str, ...] = ()
    """As text, in AutoGluon's order; empty if there are no classes."""
    class_kind: ValueKind | None = None
    levels: tuple[float, ...] = ()
    """Of a quantile model."""
    sub_models: tuple[SubModel, ...] = ()
    """Sorted by name."""

    @property
    def families(self) -> frozenset[str]:
        """The families that predictions need."""
        return frozenset(s.family for s in self.sub_models if s.used)


def description_path(model: Path) -> Path:
    """The path of a model's description: beside it, so that the model itself does not change."""
    return model.with_name(f"{model.name}{SUFFIX}")


def tree_digest(model: Path) -> str:
    """The digest of a model's content, as `Model.tree_sha256` has it; reads every file."""
    try:
        return scan(model).sha256()
    except OSError as exc:
        raise ModelError(f"cannot be read: {exc.strerror}", where=str(exc.filename or model)) from exc


def write_description(model: Path, description: Description, *, tree_sha256: str) -> Path:
    """Write a description beside its model, with the digest of what it describes."""
    document = {"schema": SCHEMA, "tree": f"sha256:{tree_sha256}", "predictor": encode(description)}
    path = description_path(model)
    try:
        write_atomically(path, json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n")
    except OSError as exc:
        raise ModelError(f"cannot be written: {exc.strerror}", where=str(path)) from exc
    return path


def description_of(plain: object, *, where: str) -> Description:
    """A predictor's description from the locked environment's script, as a value.

    Raises:
        ModelError: it contains something unknown, such as another problem type.
    """
    try:
        return decode(Description, plain)
    except CodecError as exc:
        place = f"{exc.place}: " if exc.place else ""
        raise ModelError(f"cannot be described: {place}{exc.message}", where=where) from exc


def read_description(model: Path, tree_sha256: Callable[[], str], *, label: str) -> tuple[Description | None, str]:
    """The description beside a model; or None, and in words why there is none or why it is not the model's.

    Args:
        model: Its folder.
        tree_sha256: Returns the digest of the model as it is now; only called if there is a description.
        label: What to call the description in messages.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        document = parse_json(description_path(model).read_bytes())
        if (schema := document["schema"]) != SCHEMA:
            return None, f"was written by another version of snowbuild ({schema}, not {SCHEMA})"
        if document["tree"] != f"sha256:{tree_sha256()}":
            return None, "is out of date (the model has changed)"
        return decode(Description, document["predictor"]), ""
    except FileNotFoundError:
        return None, "is missing"
    except OSError as exc:
        raise ModelError(f"cannot be read: {exc.strerror}", where=label) from exc
    except (ValueError, KeyError, TypeError) as exc:
        place = f": {exc.place}: {exc.message}" if isinstance(exc, CodecError) else ""
        raise ModelError(
            f"not a description of a model{place}", where=label, hint="run `snowbuild describe` to write it again"
        ) from exc


def describe_model(model: Model, *, root: Path, state: Path) -> tuple[Model, tuple[Problem, ...]]:
    """Add the description to a locked model; a note if there is none, or if the model has changed since.

    Args:
        model: As `lock_model` returns it.
        root: The folder of snowbuild.toml.
        state: The folder for what can be recreated.

    Raises:
        ModelError: the description, or the model, cannot be read.
    """
    if model.facts.framework is not Framework.AUTOGLUON:
        return model, ()
    source = root / model.path

    def digest() -> str:
        # Of what was described, even if it is optimized on its way to the stage.
        with project_cache(state) as cache:
            return scan(source).sha256(cache.sha256)

    label = f"{model.path}{SUFFIX}"
    description, wrong = read_description(source, digest, label=label)
    if description is not None:
        return replace(model, facts=replace(model.facts, description=description)), ()
    note = Problem(
        message=f"{label} {wrong}: functions are not checked against the model's features",
        where=f"models.{model.name}",
        hint=f"run `snowbuild describe {model.name}`",
    )
    return model, (note,)
