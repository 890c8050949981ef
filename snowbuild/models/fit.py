"""Does a function fit the predictor that answers for it? By its description alone; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.config import Framework, Output
from snowbuild.config.suggest import nearest
from snowbuild.config.templates import AUTOGLUON_TEMPLATES
from snowbuild.errors import Problem
from snowbuild.models.description import ProblemType, ValueKind
from snowbuild.sql import SqlType
from snowbuild.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snowbuild.config import FunctionConfig
    from snowbuild.models.description import Description, Feature
    from snowbuild.models.values import Model, ModelFacts

TIMES = frozenset({"DATE", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "VARCHAR", "VARIANT"})

TAKES = {
    ValueKind.NUMBER: frozenset({"NUMBER", "FLOAT", "BOOLEAN", "VARIANT"}),
    ValueKind.BOOLEAN: frozenset({"BOOLEAN", "NUMBER", "FLOAT", "VARIANT"}),
    ValueKind.TEXT: frozenset({"VARCHAR", "NUMBER", "BOOLEAN", "DATE", "TIME", "TIMESTAMP_NTZ", "VARIANT"}),
    ValueKind.TIME: TIMES,
    ValueKind.ZONED: TIMES,
}
"""The types of SQL that can become what a feature was trained on; any type, where a kind is missing."""

USUAL = {
    ValueKind.NUMBER: "FLOAT",
    ValueKind.BOOLEAN: "BOOLEAN",
    ValueKind.TEXT: "VARCHAR",
    ValueKind.TIME: "TIMESTAMP_NTZ",
    ValueKind.ZONED: "TIMESTAMP_TZ",
    ValueKind.OTHER: "VARIANT",
}

HOLDS = {
    ValueKind.NUMBER: frozenset({"NUMBER", "FLOAT", "VARCHAR", "VARIANT"}),
    ValueKind.BOOLEAN: frozenset({"BOOLEAN", "VARCHAR", "VARIANT"}),
    ValueKind.TEXT: frozenset({"VARCHAR", "VARIANT"}),
}
"""The types that a function can give for classes of a kind."""

SHOWN = 10
"""How many features, or classes, are named."""


def misfits(functions: Iterable[FunctionConfig], models: Iterable[Model]) -> tuple[Problem, ...]:
    """Arguments that are no features, features without an argument, results of another type than the model's, and
    AutoGluon's templates for another model.

    Functions with a handler of their own do with a model what they want; a model without a description is not known.
    """
    known = {m.name: m.facts for m in models}
    return tuple(
        problem
        for function in functions
        if function.handler is None and function.model is not None
        if (facts := known.get(function.model)) is not None
        for problem in (*_template(function, facts), *_described(function, facts.description))
    )


def _template(function: FunctionConfig, facts: ModelFacts) -> Iterator[Problem]:
    if facts.framework is Framework.GENERIC and function.template in AUTOGLUON_TEMPLATES:
        yield Problem(
            message=f"{function.template} is for a predictor of AutoGluon, and model {function.model} is none",
            where=f"functions.{function.name}",
            hint='write a handler, such as handler = "src/mine.py:predict", with load(folder) beside it',
        )


def _described(function: FunctionConfig, description: Description | None) -> Iterator[Problem]:
    if description is not None:
        yield from _features(function, description)
        yield from _result(function, description)


def _features(function: FunctionConfig, description: Description) -> Iterator[Problem]:
    where = f"functions.{function.name}.arguments"
    features = {f.name: f for f in description.features}
    given = {a.name for a in function.arguments}
    missing = [f for f in description.features if f.name not in given]
    extra = [a.name for a in function.arguments if a.name not in features and a.name not in description.ignored]
    for feature in missing:
        near = nearest(feature.name, extra)
        yield Problem(
            message=f"no argument for the feature {feature.name} of model {function.model}",
            where=where,
            hint=f"rename {near} to {feature.name}" if near else f'add {feature.name} = "{_usual(feature)}"',
        )
    for name in extra:
        near = nearest(name, [f.name for f in missing])
        yield Problem(
            message=f"model {function.model} has no feature {name}",
            where=f"{where}.{name}",
            hint=f"did you mean {near}?" if near else f"remove it; its features are {listed([*features], SHOWN)}",
        )
    for argument in function.arguments:
        trained = features.get(argument.name)
        if trained is not None and not _is_among(argument.type, TAKES.get(trained.kind)):
            yield Problem(
                message=f"{argument.type}, and model {function.model} was trained on {trained.dtype}",
                where=f"{where}.{argument.name}",
                hint=f'write {argument.name} = "{_usual(trained)}"',
            )


def _is_among(type_: str, types: frozenset[str] | None) -> bool:
    """Whether a type is one of some; None stands for all."""
    return types is None or SqlType.parse(type_).name in types


def _usual(feature: Feature) -> str:
    # As a FLOAT, a long integer loses its last digits.
    return "NUMBER(38,0)" if feature.dtype.startswith(("int", "uint")) else USUAL[feature.kind]


def _result(function: FunctionConfig, description: Description) -> Iterator[Problem]:
    where = f"functions.{function.name}"
    kind = description.class_kind or ValueKind.NUMBER
    if function.output is not Output.PREDICTION:
        if description.problem_type is ProblemType.REGRESSION:
            yield Problem(
                message=f"model {function.model} is a regression, which has no probabilities",
                where=f"{where}.output",
                hint='set output = "prediction"',
            )
    elif not _is_among(function.returns, HOLDS.get(kind)):
        what = f"classes such as {description.classes[0]}" if description.classes else "numbers"
        yield Problem(
            message=f"{function.returns}, and model {function.model} predicts {what}",
            where=f"{where}.returns",
            hint=f'set returns = "{USUAL[kind]}"',
        )
    elif wide := [c for c in description.classes if not _has_room(SqlType.parse(function.returns), c)]:
        yield Problem(
            message=f"{function.returns} has no room for {listed(wide, SHOWN)}, which model {function.model} predicts",
            where=f"{where}.returns",
            hint=f'set returns = "{USUAL[kind]}"',
        )


def _has_room(type_: SqlType, label: str) -> bool:
    if type_.name == "VARCHAR" and type_.parameters:
        return len(label) <= type_.parameters[0]
    if type_.name == "NUMBER":
        precision, scale = type_.parameters
        return abs(float(label)) < 10.0 ** (precision - scale)
    return True
