"""[functions.NAME.arguments]: features, their types and their defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild import sql
from snowbuild.config import scalars
from snowbuild.config.defaults import default_expression
from snowbuild.config.reader import spelled, texts, wrong_type
from snowbuild.config.values import Argument, InputForm
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from snowbuild.config.reader import Table

# docs.snowflake.com/en/developer-guide/udf/python: the most arguments that a scalar function can take.
MOST_ARGUMENTS = 500

STAND_IN = Argument(name="", type="VARIANT")
"""Takes the place of an invalid one."""


def read_arguments(table: Table) -> tuple[tuple[Argument, ...], InputForm]:
    """The arguments in the order of the file, and the form in which a row is passed."""
    form = table.text("input", scalars.one_of(InputForm), InputForm.COLUMNS)
    if form is InputForm.COLUMNS and table.size("arguments") > MOST_ARGUMENTS:
        form = _too_many(table, table.size("arguments"))
    named = table.values_by_name(
        "arguments", _argument, STAND_IN, _sql_name if form is InputForm.COLUMNS else scalars.argument_name
    )
    if not named and "handler" not in table and table.is_empty("arguments"):
        table.missing("arguments", '{ AGE = "NUMBER(3,0)" }')
    arguments = tuple(Argument(name=name, type=read.type, default=read.default) for name, read in named)
    _check_defaults(table, arguments, form)
    return arguments, form


def required(arguments: tuple[Argument, ...]) -> int:
    """How many arguments a call must have: those before the first that has a default."""
    return next((i for i, argument in enumerate(arguments) if argument.default is not None), len(arguments))


def _sql_name(name: str) -> str:
    """An argument's name in the SQL signature; names inside an ARRAY or OBJECT are used as written."""
    return sql.stored(scalars.argument_name(name))


def _too_many(table: Table, count: int) -> InputForm:
    if "input" in table:
        table.problem(
            "arguments",
            f"{count} arguments; a Snowflake function takes at most {MOST_ARGUMENTS}",
            'pass the whole row as one argument: input = "object"',
        )
    else:
        table.note(
            "arguments",
            f"{count} arguments, but a Snowflake function takes at most {MOST_ARGUMENTS}: "
            "the row is passed as one OBJECT",
            'call it with OBJECT_CONSTRUCT_KEEP_NULL(*), and write input = "object"',
        )
    return InputForm.OBJECT


def _check_defaults(table: Table, arguments: tuple[Argument, ...], form: InputForm) -> None:
    optional = [argument for argument in arguments if argument.default is not None]
    if optional and form is not InputForm.COLUMNS:
        message = f"a row that is passed as one {form.value.upper()} cannot have defaults"
        table.problem("arguments", message, "remove the default")
        return
    # docs.snowflake.com/en/sql-reference/sql/create-function: optional arguments come last.
    for argument in arguments[required(arguments) :]:
        if argument.default is None:
            table.problem(
                "arguments",
                f"{spelled(argument.name)} has no default, but comes after {spelled(optional[0].name)}, which has one",
                "move the arguments with a default to the end",
            )
            return


def _argument(value: object) -> Argument:
    """A type, or a table with a type and a default."""
    if not isinstance(value, dict):
        if not isinstance(value, str):
            raise wrong_type(value, "a string or a table", 'write it like "FLOAT" or { type = "FLOAT", default = 1.5 }')
        return Argument(name="", type=texts(scalars.sql_type)(value))
    table: dict[str, Any] = value
    if unknown := sorted(table.keys() - {"type", "default"}):
        raise ConfigError(f"unknown key: {spelled(unknown[0])}", hint="known here: type, default")
    if "type" not in table:
        raise ConfigError("no type", hint='write it like { type = "FLOAT", default = 1.5 }')
    type_ = texts(scalars.sql_type)(table["type"])
    default = default_expression(table["default"], type_) if "default" in table else None
    return Argument(name="", type=type_, default=default)
