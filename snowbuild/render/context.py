"""What a template knows: values, and identifiers where a value would have to be code. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from snowbuild import sql
from snowbuild.render.literals import Identifier
from snowbuild.render.names import LOADER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snowbuild.config import Argument, FunctionConfig
    from snowbuild.distribution import Distribution
    from snowbuild.models.values import Model

HANDLER = "handler"
"""What every module calls the function that Snowflake calls."""

KINDS = {
    "NUMBER": "number",
    "FLOAT": "number",
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "DATE": "time",
    "TIMESTAMP_NTZ": "time",
    "TIMESTAMP_LTZ": "time",
    "TIMESTAMP_TZ": "zoned",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One argument."""

    name: str
    type: str
    """Snowflake's own name of it, with parameters."""
    kind: str
    """number, text, boolean, time, zoned or other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returns:
    """What the SQL function returns."""

    type: str
    kind: str
    """float, number, text, boolean or other."""
    scale: int
    """Decimal places of a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """The SQL function."""

    name: str
    """As Snowflake stores it."""
    input: str
    """columns, array or object."""
    output: str
    """prediction, probabilities or both."""
    threads: int
    max_batch_size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedWheel:
    """A wheel, as it is or compiled, that the loader puts on sys.path."""

    filename: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody's own handler."""

    path: str
    module: Identifier
    function: Identifier


def context(
    function: FunctionConfig,
    distributions: tuple[Distribution, ...],
    model: Model | None,
    user: User | None = None,
) -> Mapping[str, object]:
    """The variables of a function's template; `model` and `user` are undefined where there is none."""
    description = None if model is None else model.facts.description
    # What a feature was trained on says more than the type in which it comes.
    trained = {} if description is None else {f.name: f.kind.value for f in description.features}
    values: dict[str, object] = {
        "function": Function(
            name=sql.stored(function.name),
            input=function.input.value,
            output=function.output.value,
            threads=function.threads,
            max_batch_size=function.max_batch_size,
        ),
        "features": tuple(_feature(argument, trained) for argument in function.arguments),
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


def _feature(argument: Argument, trained: Mapping[str, str]) -> Feature:
    parsed = sql.SqlType.parse(argument.type)
    kind = trained.get(argument.name) or KINDS.get(parsed.name, "other")
    return Feature(name=argument.name, type=str(parsed), kind=kind)


def _returns(type_: str) -> Returns:
    parsed = sql.SqlType.parse(type_)
    kinds = {"FLOAT": "float", "NUMBER": "number", "VARCHAR": "text", "BOOLEAN": "boolean"}
    scale = parsed.parameters[1] if parsed.name == "NUMBER" else 0
    return Returns(type=str(parsed), kind=kinds.get(parsed.name, "other"), scale=scale)
