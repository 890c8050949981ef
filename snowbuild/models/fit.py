"""Does a function fit its predictor? Judged by the predictor's description alone; pure."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from snowbuild.config import Framework, Output
from snowbuild.config.reader import spelled
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
"""The SQL types that can become what a feature was trained on; any type for a kind that is missing."""

USUAL = {
    ValueKind.NUMBER: "FLOAT",
    ValueKind.BOOLEAN: "BOOLEAN",
    ValueKind.TEXT: "VARCHAR",
    ValueKind.TIME: "TIMESTAMP_NTZ",
    ValueKind.ZONED: "TIMESTAMP_TZ",
    ValueKind.OTHER: "VARIANT",
    ValueKind.FOREIGN: "VARIANT",
}

HOLDS = {
    ValueKind.NUMBER: frozenset({"NUMBER", "FLOAT", "VARCHAR", "VARIANT"}),
    ValueKind.BOOLEAN: frozenset({"BOOLEAN", "VARCHAR", "VARIANT"}),
    ValueKind.TEXT: frozenset({"VARCHAR", "VARIANT"}),
}
"""The types that a function can return for classes of a kind."""

SHOWN = 10
"""How many features, or classes, are named."""

COMPARED = 50
"""How many unknown arguments are checked for misspelled features: each is compared with all features."""


def misfits(functions: Iterable[FunctionConfig], models: Iterable[Model]) -> tuple[Problem, ...]:
    """Arguments that are not features, features without an argument, results of another type than the model's, tests of
    other classes, and AutoGluon's templates for other models.

    Functions with their own handler are not checked: they use a model as they like. Of a model without a description,
    only the template is checked.
    """
    known = {m.name: m.facts for m in models}
    ours = [
        (function, known[function.model])
        for function in functions
        if function.handler is None and function.model is not None and function.model in known
    ]
    described = {function.model: facts.description for function, facts in ours if facts.description is not None}
    of_models = (p for name, description in described.items() for p in foreign_features(name or "", description))
    of_functions = (p for function, facts in ours for p in _misfits(function, facts))
    return (*of_models, *of_functions)


def foreign_features(model: str, description: Description) -> tuple[Problem, ...]:
    """Features that no argument can become: to the model, each value would be one that it has never seen."""
    where = f"models.{model}"
    problems = (
        Problem(
            message=f"the feature {feature.name} was trained on {feature.dtype}, which no SQL value can become",
            where=where,
            hint="convert the column to float or str before training, and train again",
        )
        for feature in description.features
        if feature.kind is ValueKind.FOREIGN
    )
    return tuple(_capped(problems, where, "more features were trained on objects that no SQL value can become"))


def _misfits(function: FunctionConfig, facts: ModelFacts) -> Iterator[Problem]:
    yield from _template(function, facts)
    if facts.description is not None:
        yield from _features(function, facts.description)
        yield from _result(function, facts.description)
        yield from _tests(function, facts.description)


def _template(function: FunctionConfig, facts: ModelFacts) -> Iterator[Problem]:
    if facts.framework is Framework.GENERIC and function.template in AUTOGLUON_TEMPLATES:
        yield Problem(
            message=f"{function.template} is for an AutoGluon predictor, but model {function.model} is not one",
            where=_place(function),
            hint='write a handler, such as handler = "src/mine.py:predict", with load(folder) beside it',
        )


def _features(function: FunctionConfig, description: Description) -> Iterator[Problem]:
    model, where = function.model, f"{_place(function)}.arguments"
    features = {f.name: f for f in description.features}
    given = {a.name for a in function.arguments}
    # A foreign feature is a problem of the model: no argument could be added for it.
    known = (f for f in description.features if f.kind is not ValueKind.FOREIGN)
    missing = {f.name: f for f in known if f.name not in given}
    extra = [a.name for a in function.arguments if a.name not in features and a.name not in description.ignored]
    meant = _meant(extra, missing)
    yield from _capped(
        (
            Problem(
                message=f"no argument for the feature {name} of model {model}",
                where=where,
                hint=f'add {spelled(name)} = "{_usual(feature)}"',
            )
            for name, feature in missing.items()
            if name not in meant.values()
        ),
        where,
        f"more features of model {model} have no argument",
    )
    yield from _capped(
        (
            Problem(
                message=f"model {model} has no feature {name}",
                where=f"{where}.{spelled(name)}",
                hint=f"did you mean {spelled(meant[name])}?"
                if name in meant
                else f"remove it; its features are {listed([*features], SHOWN)}",
            )
            for name in extra
        ),
        where,
        f"more arguments are not features of model {model}",
    )
    yield from _capped(
        (
            Problem(
                message=f"{argument.type}, but model {model} was trained on {trained.dtype}",
                where=f"{where}.{spelled(argument.name)}",
                hint=f'write {spelled(argument.name)} = "{_usual(trained)}"',
            )
            for argument in function.arguments
            if (trained := features.get(argument.name)) is not None
            and not _is_among(argument.type, TAKES.get(trained.kind))
        ),
        where,
        f"more arguments are of other types than model {model} was trained on",
    )


def _meant(extra: list[str], missing: Iterable[str]) -> dict[str, str]:
    """Unknown argument → the feature that may be meant; each feature only once."""
    left, meant = list(missing), dict[str, str]()
    for name in extra[:COMPARED]:
        near = nearest(name, left)
        if near is not None:
            meant[name] = near
            left.remove(near)
    return meant


def _capped(problems: Iterable[Problem], where: str, more: str) -> Iterator[Problem]:
    """The first problems, and how many more there are."""
    whole = list(problems)
    yield from whole[:SHOWN]
    if len(whole) > SHOWN:
        yield Problem(message=f"and {len(whole) - SHOWN} {more}", where=where)


def _place(function: FunctionConfig) -> str:
    return f"functions.{spelled(function.name)}"


def _is_among(type_: str, types: frozenset[str] | None) -> bool:
    """Whether a type is one of `types`; None stands for all."""
    return types is None or SqlType.parse(type_).name in types


def _usual(feature: Feature) -> str:
    # As a FLOAT, a long integer loses its last digits.
    return "NUMBER(38,0)" if feature.dtype.startswith(("int", "uint")) else USUAL[feature.kind]


def _result(function: FunctionConfig, description: Description) -> Iterator[Problem]:
    where = _place(function)
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
            message=f"{function.returns}, but model {function.model} predicts {what}",
            where=f"{where}.returns",
            hint=f'set returns = "{_roomy(kind, description.classes)}"',
        )
    elif wide := [c for c in description.classes if not _has_room(function.returns, c)]:
        yield Problem(
            message=f"{function.returns} cannot hold {listed(wide, SHOWN)}, which model {function.model} predicts",
            where=f"{where}.returns",
            hint=f'set returns = "{_roomy(kind, description.classes)}"',
        )


def _roomy(kind: ValueKind, classes: tuple[str, ...]) -> str:
    """The type that returns every class of a model exactly."""
    if kind is not ValueKind.NUMBER or not classes:
        return USUAL[kind]
    return next((t for t in ("NUMBER(38,0)", "FLOAT") if all(_has_room(t, c) for c in classes)), "VARCHAR")


def _has_room(type_: str, label: str) -> bool:
    """Whether a type can hold a class exactly: a rounded number is another class, or none."""
    sql = SqlType.parse(type_)
    if sql.name == "VARCHAR":
        return not sql.parameters or len(label) <= sql.parameters[0]
    if sql.name not in ("NUMBER", "FLOAT"):
        return True
    try:
        number = Fraction(label)
        if sql.name == "FLOAT":
            return Fraction(repr(float(label))) == number
    except (ValueError, ArithmeticError):
        return False
    precision, scale = sql.parameters
    largest, smallest = Fraction(10) ** (precision - scale), Fraction(1, 10**scale)
    return abs(number) < largest and number % smallest == 0


def _tests(function: FunctionConfig, description: Description) -> Iterator[Problem]:
    for index, test in enumerate(function.tests):
        if test.label is None or any(_is_class(str(test.label), known) for known in description.classes):
            continue
        where = f"{_place(function)}.tests[{index}].class"
        if description.classes:
            yield Problem(
                message=f"model {function.model} has no class {test.label}",
                where=where,
                hint=_class_hint(str(test.label), description.classes),
            )
        else:
            yield Problem(
                message=f"model {function.model} predicts numbers, not classes",
                where=where,
                hint="write expect = …, with a tolerance",
            )


def _is_class(label: str, known: str) -> bool:
    try:
        return label == known or Fraction(label) == Fraction(known)
    except (ValueError, ArithmeticError):
        return False


def _class_hint(label: str, classes: tuple[str, ...]) -> str:
    near = nearest(label, classes)
    return f"did you mean {near}?" if near else f"its classes are {listed(classes, SHOWN)}"
