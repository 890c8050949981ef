"""[functions.NAME]: one SQL function."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from snowbuild import sql
from snowbuild.config import words
from snowbuild.config.reader import kind, wrong_type
from snowbuild.config.templates import template_name
from snowbuild.config.values import Argument, FunctionConfig, FunctionTest, Grant, InputForm
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from snowbuild.config.reader import Table
    from snowbuild.config.values import Json

DEFAULT_TEMPLATE = "autogluon_vectorized.py.j2"

# docs.snowflake.com/en/developer-guide/udf/python: what a scalar function takes at most.
MOST_ARGUMENTS = 500

# Snowflake's widest NUMBER.
MOST_DIGITS = 38


def read_functions(document: Table, root: Path, models: Iterable[str]) -> tuple[FunctionConfig, ...]:
    """[functions]: sorted by name; no two may have the same name in SQL."""
    read = partial(_function, root, tuple(models))
    return document.sections("functions", read, lambda name: sql.stored(words.function_name(name)))


def _function(root: Path, models: tuple[str, ...], name: str, table: Table) -> FunctionConfig:
    form = table.text("input", words.one_of(InputForm), InputForm.COLUMNS)
    arguments = _arguments(table, form)
    template, handler = _code(table, root)
    return FunctionConfig(
        name=name,
        model=table.text("model", words.known("model", models), None),
        template=template,
        handler=handler,
        arguments=arguments,
        input=form,
        returns=table.text("returns", words.sql_type, "FLOAT"),
        max_batch_size=table.value("max-batch-size", words.positive, None),
        comment=table.text("comment", words.anything, None),
        grants=table.section("grants", _grants),
        # An ARRAY or OBJECT whose arguments are not told may hold any number of values.
        tests=table.array("tests", partial(_test, len(arguments) if arguments or form is InputForm.COLUMNS else None)),
    )


def _arguments(table: Table, form: InputForm) -> tuple[Argument, ...]:
    arguments = table.texts_by_name(
        "arguments", words.sql_type, "VARIANT", lambda name: sql.stored(words.argument_name(name))
    )
    if not arguments and "handler" not in table and table.is_empty("arguments"):
        table.missing("arguments", '{ AGE = "NUMBER(3,0)" }')
    if form is InputForm.COLUMNS and len(arguments) > MOST_ARGUMENTS:
        table.problem(
            "arguments",
            f"{len(arguments)} arguments; a Snowflake function takes at most {MOST_ARGUMENTS}",
            'take the whole row as one argument: input = "object"',
        )
    return tuple(Argument(name=name, type=type_) for name, type_ in arguments)


def _code(table: Table, root: Path) -> tuple[str | None, str | None]:
    """The template or the handler: one of them."""
    template = table.text("template", partial(template_name, root), None)
    handler = table.text("handler", words.handler(root), None)
    if "template" in table and "handler" in table:
        table.problem(None, "has both a template and a handler", "remove one of them")
    elif "template" not in table and "handler" not in table:
        if "model" in table:
            return DEFAULT_TEMPLATE, None
        table.problem(
            None,
            "has neither a template nor a handler",
            f'add template = "{DEFAULT_TEMPLATE}" and a model, or handler = "src/mine.py:predict"',
        )
    return template, handler


def _grants(table: Table) -> tuple[Grant, ...]:
    """Privileges on the function; Snowflake has but USAGE and OWNERSHIP there."""
    for key in table:
        if key.lower() == "ownership":
            table.refuse(
                key, "ownership cannot be granted", "a function belongs to the role that deploys it: targets.NAME.role"
            )
    roles = {sql.stored(role): role for role in table.texts("usage", words.sql_name)}
    return (Grant(privilege="USAGE", roles=tuple(roles[name] for name in sorted(roles))),) if roles else ()


def _test(count: int | None, table: Table) -> FunctionTest:
    """A row and what it gives; `count` is how many values the row must have, if that is known."""
    for key, example in (("arguments", "[1, 2.5, true]"), ("expect", "16884.9")):
        if key not in table:
            table.missing(key, example)
    row = table.value("arguments", _row, None)
    if row is not None and count is not None and len(row) != count:
        table.problem("arguments", f"expected {count} values, found {len(row)}", "one for each of the arguments")
    return FunctionTest(
        arguments=tuple(row or ()),
        expect=table.value("expect", _json, None),
        tolerance=table.value("tolerance", _tolerance, 0.0),
    )


def _row(value: object) -> list[Json]:
    if not isinstance(value, list):
        raise wrong_type(value, "an array")
    return [_json(item) for item in value]


def _json(value: object) -> Json:
    """A value as JSON has it, which is what Snowflake's VARIANT can hold."""
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{value} is not a number that JSON can hold")
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        raise ConfigError(f"an integer has at most {MOST_DIGITS} digits")
    if not isinstance(value, str | bool | int | float):
        raise ConfigError(f"expected a value of JSON, found {kind(value)}", hint="write it in double quotes")
    return value


def _tolerance(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(value, "a number")
    # Also refuses nan, and integers that no float can hold.
    if not 0 <= value < math.inf or (isinstance(value, int) and value >= 10**MOST_DIGITS):
        raise ConfigError("expected a finite number that is not negative")
    return float(value)
