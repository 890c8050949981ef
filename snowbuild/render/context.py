"""The variables of templates: values, and identifiers where a value would have to be code. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from snowbuild import sql
from snowbuild.config import InputForm, Output
from snowbuild.models.description import ValueKind
from snowbuild.render.literals import Identifier
from snowbuild.render.names import LOADER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snowbuild.config import FunctionConfig
    from snowbuild.distribution import Distribution
    from snowbuild.models.values import Model

HANDLER = "handler"
"""The name of the function that Snowflake calls, in every module."""

KINDS = {
    "NUMBER": ValueKind.NUMBER,
    "FLOAT": ValueKind.NUMBER,
    "VARCHAR": ValueKind.TEXT,
    "BOOLEAN": ValueKind.BOOLEAN,
    "DATE": ValueKind.TIME,
    "TIMESTAMP_NTZ": ValueKind.TIME,
    "TIMESTAMP_LTZ": ValueKind.TIME,
    "TIMESTAMP_TZ": ValueKind.ZONED,
}
"""The kind of a type's values, if no description of a model says more."""


class ReturnKind(StrEnum):
    """What an answer has to be converted to."""

    FLOAT = "float"
    NUMBER = ValueKind.NUMBER
    """An exact number."""
    TEXT = ValueKind.TEXT
    BOOLEAN = ValueKind.BOOLEAN
    OTHER = ValueKind.OTHER
    """Nothing: what the model returns stays as it is."""


RETURNS = {
    "FLOAT": ReturnKind.FLOAT,
    "NUMBER": ReturnKind.NUMBER,
    "VARCHAR": ReturnKind.TEXT,
    "BOOLEAN": ReturnKind.BOOLEAN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One argument."""

    name: str
    type: str
    """Snowflake's own name for it, with parameters."""
    kind: ValueKind
    alike: bool
    """Whether another feature has the same name in capitals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """What the SQL function returns."""

    type: str
    kind: ReturnKind
    scale: int
    """Decimal places of a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """The SQL function."""

    name: str
    """As Snowflake stores it."""
    input: InputForm
    output: Output
    threads: int
    max_batch_size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedWheel:
    """A wheel, unchanged or compiled, that the loader puts on sys.path."""

    filename: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """The user's own handler."""

    path: str
    module: Identifier
    function: Identifier


def context(
    function: FunctionConfig,
    distributions: tuple[Distribution, ...],
    model: Model | None,
    user: User | None = None,
) -> Mapping[str, object]:
    """The variables of a function's template; `model` and `user` are undefined if there is none."""
    values: dict[str, object] = {
        "function": Function(
            name=sql.stored(function.name),
            input=function.input,
            output=function.output,
            threads=function.threads,
            max_batch_size=function.max_batch_size,
        ),
        "features": features(function, model),
        "parameters": tuple(Identifier(f"value_{index}") for index in range(len(function.sql_arguments))),
        "returns": _returns(function.returns),
        "wheels": staged_wheels(distributions),
        "handler": Identifier(HANDLER),
        "loader": Identifier(LOADER),
    }
    if model is not None:
        values["model"] = model
    if user is not None:
        values["user"] = user
    return values


def staged_wheels(distributions: tuple[Distribution, ...]) -> tuple[StagedWheel, ...]:
    """The wheels that every function imports, sorted by file name."""
    files = [distribution.staged_file for distribution in distributions]
    return tuple(
        StagedWheel(filename=file.filename, sha256=file.sha256)
        for file in sorted((file for file in files if file is not None), key=lambda file: file.filename)
    )


def features(function: FunctionConfig, model: Model | None) -> tuple[Feature, ...]:
    """A function's arguments, and the kind of value that its model expects for each."""
    description = None if model is None else model.facts.description
    # What a feature was trained on says more than the type in which it is passed.
    trained = {} if description is None else {f.name: f.kind for f in description.features}
    types = [sql.SqlType.parse(argument.type) for argument in function.arguments]
    capitals = Counter(argument.name.upper() for argument in function.arguments)
    return tuple(
        Feature(
            name=argument.name,
            type=str(type_),
            kind=trained.get(argument.name) or KINDS.get(type_.name, ValueKind.OTHER),
            alike=capitals[argument.name.upper()] > 1,
        )
        for argument, type_ in zip(function.arguments, types, strict=True)
    )


def _returns(type_: str) -> Returns:
    parsed = sql.SqlType.parse(type_)
    scale = parsed.parameters[1] if parsed.name == "NUMBER" else 0
    return Returns(type=str(parsed), kind=RETURNS.get(parsed.name, ReturnKind.OTHER), scale=scale)
