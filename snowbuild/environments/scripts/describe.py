"""Loads an AutoGluon predictor and describes what planning needs to know about it.

Run as `python describe.py PREDICTOR OUTPUT [ORIGINAL]`: PREDICTOR is a copy of the predictor's folder. Every file
that is opened and every folder that is listed below ORIGINAL, while the copy is loaded and predicts, is reported:
it would be missing where the copy is served.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sys
from pathlib import Path
from typing import Any

LOOKING = frozenset({"open", "os.listdir", "os.scandir", "glob.glob"})
"""The audit events for opening files and listing folders; their first argument is the path."""

KINDS = {"int": "number", "float": "number", "bool": "boolean", "datetime": "time", "object": "text"}


def describe(predictor: Any) -> dict[str, Any]:
    """The content of snowbuild.models.description.Description as plain data; nothing is predicted for it."""
    names = [str(name) for name in predictor.features()]
    classes = list(predictor.class_labels or []) if predictor.problem_type in ("binary", "multiclass") else []
    # May be a NumPy array, which has no truth value.
    levels = [] if predictor.quantile_levels is None else predictor.quantile_levels
    plain: dict[str, Any] = {
        "problem-type": predictor.problem_type,
        "label": str(predictor.label),
        "features": [feature(predictor, name) for name in predictor.features()],
        "ignored": sorted({str(name) for name in predictor.original_features} - set(names)),
        "classes": [str(value) for value in classes],
        "levels": [float(level) for level in levels],
        "sub-models": sub_models(predictor),
    }
    if classes:
        kind = common_kind(classes)
        plain["class-kind"] = "text" if kind == "foreign" else kind
    return plain


def kind_of(value: Any) -> str:
    """The kind of a single value."""
    plain = getattr(value, "item", lambda: value)()
    if isinstance(plain, bool):
        return "boolean"
    if isinstance(plain, (int, float)):
        return "number"
    if isinstance(plain, str):
        return "text"
    if isinstance(plain, dt.datetime):
        return "time" if plain.tzinfo is None else "zoned"
    return "foreign"


def common_kind(values: list[Any]) -> str:
    """The kind of all values, of which there must be at least one; `other` if they are of several kinds."""
    kinds = {kind_of(value) for value in values}
    if "foreign" in kinds:
        return "foreign"
    return kinds.pop() if len(kinds) == 1 else "other"


def feature(predictor: Any, name: Any) -> dict[str, str]:
    """A feature's name, kind and dtype."""
    raw = predictor.feature_metadata_in.get_feature_type_raw(name)
    dtype: Any = raw
    examples: list[Any] = []
    for generator in generators(predictor._learner.feature_generator):
        # A feature with only two values is converted to booleans, and its dtype is then their class.
        remembered = getattr(generator, "_type_map_real_opt", {}).get(name, raw)
        dtype = dtype if isinstance(remembered, type) else remembered
        truths = {k: [v] for k, v in (getattr(generator, "_bool_features", None) or {}).items()}
        categories = (getattr(generator, "category_map", None) or {}).get(name, ())
        # A missing value becomes empty text, and then a category.
        examples += [value for value in (*truths.get(name, ()), *categories) if not is_empty(value)]
    kind = KINDS.get(raw, "other")
    if raw in ("category", "object") and examples:
        kind = common_kind(examples)
        if kind == "foreign":
            dtype = next(f"{type(value).__name__} objects" for value in examples if kind_of(value) == "foreign")
    elif raw == "category":
        kind = "text"
    elif raw == "datetime" and getattr(dtype, "tz", None) is not None:
        kind = "zoned"
    return {"name": str(name), "kind": kind, "dtype": str(dtype)}


def is_empty(value: Any) -> bool:
    """Whether a value is empty text."""
    return isinstance(value, str) and not value


def generators(whole: Any) -> list[Any]:
    """A feature generator and all its parts."""
    found: list[Any] = []
    waiting, seen = [whole], set()
    while waiting:
        item = waiting.pop()
        if isinstance(item, (list, tuple)):
            waiting.extend(item)
        elif type(item).__module__.startswith("autogluon.features") and id(item) not in seen:
            seen.add(id(item))
            found.append(item)
            waiting.extend(vars(item).values())
    return found


def sub_models(predictor: Any) -> list[dict[str, Any]]:
    """Each model of the predictor, its family, and whether the best one needs it."""
    trainer = predictor._trainer
    used = set(trainer.get_minimum_model_set(predictor.model_best))
    return [
        {"name": name, "family": family(trainer, name), "used": name in used}
        for name in sorted(predictor.model_names())
    ]


def family(trainer: Any, name: str) -> str:
    """AutoGluon's key for a model's kind; for a bag of models, that of its children."""
    for attribute in ("type_inner", "type"):
        kind = trainer.get_model_attribute(name, attribute, default=None)
        key = getattr(kind, "ag_key", None)
        if isinstance(key, str):
            return key
        if kind is not None:
            return str(kind.__name__)
    return "unknown"


def ask(predictor: Any) -> None:
    """Predict a row of missing values: a custom model may only open its files then."""
    import pandas as pd  # type: ignore[import-untyped]  # only where predictors are

    # The answer does not matter, nor does an error.
    with contextlib.suppress(Exception):
        predictor.predict(pd.DataFrame({name: [None] for name in predictor.features()}))


def main(folder: str, output: str, *original: str) -> None:
    """Load the copy, watch what it opens, and write what was found."""
    opened: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        # A file may also be opened by its descriptor.
        if event in LOOKING and isinstance(arguments[0], (str, bytes, os.PathLike)):
            opened.append(os.fsdecode(arguments[0]))

    sys.addaudithook(watch)
    from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]  # only where predictors are

    predictor = TabularPredictor.load(folder, verbosity=0)
    # Sub-models are only read from their files now, each from its own folder.
    predictor.persist(max_memory=None)
    ask(predictor)
    # The folder's path may contain links, and pickles may contain either form of it.
    homes = {home for path in original for home in (Path(path).absolute(), Path(path).resolve())}
    outside = {path for path in opened if homes.intersection((Path(path).absolute(), *Path(path).absolute().parents))}
    result = {"description": describe(predictor), "outside": sorted(outside)}
    Path(output).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
