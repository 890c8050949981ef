"""[functions.NAME]: one SQL function."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from snowbuild import sql
from snowbuild.config import scalars
from snowbuild.config.arguments import read_arguments, required
from snowbuild.config.expectations import read_tests
from snowbuild.config.templates import (
    AUTOGLUON_TEMPLATES,
    SCALAR_TEMPLATE,
    VECTORIZED_TEMPLATE,
    is_of_project,
    template_name,
)
from snowbuild.config.values import FunctionConfig, Grant, InputForm, Output, Processor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.config.reader import Table

DEFAULT_TEMPLATE = VECTORIZED_TEMPLATE

GENERIC_TEMPLATE = "generic.py.j2"
"""Calls the user's own handler."""

HOLDS_KEYS = ("OBJECT", "VARIANT")
"""Types that can hold probabilities by class."""


def read_functions(document: Table, files: scalars.Files, models: Iterable[str]) -> tuple[FunctionConfig, ...]:
    """[functions]: sorted by name; no two may have the same name in SQL."""
    read = partial(_function, files, tuple(models))
    return document.sections("functions", read, lambda name: sql.stored(scalars.function_name(name)))


def _function(files: scalars.Files, models: tuple[str, ...], name: str, table: Table) -> FunctionConfig:
    arguments, form = read_arguments(table)
    template, handler = _code(table, files)
    if template in AUTOGLUON_TEMPLATES and not is_of_project(files.root, template):
        _check_own(table, template, models)
    output, returns = _result(table)
    # An ARRAY or OBJECT without declared arguments may hold any number of values.
    most = len(arguments) if arguments or form is InputForm.COLUMNS else None
    # The user's own code can return anything.
    has_probabilities = output is not Output.PREDICTION or template not in AUTOGLUON_TEMPLATES
    return FunctionConfig(
        name=name,
        model=table.text("model", scalars.known("model", models), None),
        template=template,
        handler=handler,
        arguments=arguments,
        input=form,
        output=output,
        returns=returns,
        max_batch_size=table.value("max-batch-size", scalars.positive, None),
        threads=table.value("threads", scalars.positive, 1),
        strict=table.flag("strict", default=False),
        immutable=table.flag("immutable", default=False),
        secure=table.flag("secure", default=False),
        external_access_integrations=tuple(sorted(set(table.texts("external-access-integrations", scalars.sql_name)))),
        secrets=tuple(sorted(table.texts_by_name("secrets", scalars.dotted_name("a secret"), "", str))),
        architecture=table.section("resource-constraint", _architecture),
        comment=table.text("comment", scalars.anything, None),
        grants=table.section("grants", _grants),
        tests=read_tests(table, required(arguments), most, has_probabilities=has_probabilities),
    )


def _result(table: Table) -> tuple[Output, str]:
    """What is returned for a row, and its type."""
    output = table.text("output", scalars.one_of(Output), Output.PREDICTION)
    returns = table.text("returns", scalars.sql_type, "FLOAT" if output is Output.PREDICTION else "OBJECT")
    if "output" in table and "handler" in table:
        table.problem("output", "is for AutoGluon's templates; a handler returns what it likes", "remove it")
    elif output is not Output.PREDICTION and returns not in HOLDS_KEYS:
        message = f'{returns}, but output = "{output.value}" returns an OBJECT'
        table.problem("returns", message, 'set returns = "OBJECT"')
    return output, returns


def _code(table: Table, files: scalars.Files) -> tuple[str | None, str | None]:
    """The template and the handler; one of them is None."""
    template = table.text("template", partial(template_name, files), None)
    handler = table.text("handler", scalars.handler(files), None)
    if template == GENERIC_TEMPLATE:
        # The user's own handler is called through it anyway, whether it is named or not.
        template = None
        if "handler" not in table:
            table.missing("handler", '"src/mine.py:predict"')
    elif "template" in table and "handler" in table:
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


def _check_own(table: Table, template: str, models: tuple[str, ...]) -> None:
    """Check for keys that one of snowbuild's templates for AutoGluon needs, or cannot use."""
    if "model" not in table:
        table.missing("model", f'"{models[0] if models else "NAME"}"')
    if template == SCALAR_TEMPLATE and "max-batch-size" in table:
        table.note(
            "max-batch-size",
            f"has no effect: {template} takes one row at a time",
            f'remove it, or set template = "{VECTORIZED_TEMPLATE}"',
        )


def _architecture(table: Table) -> Processor | None:
    return table.text("architecture", scalars.one_of(Processor), None)


def _grants(table: Table) -> tuple[Grant, ...]:
    """Privileges on the function; Snowflake only has USAGE and OWNERSHIP there."""
    for key in table:
        if key.lower() == "ownership":
            table.refuse(
                key, "ownership cannot be granted", "a function belongs to the role that deploys it: targets.NAME.role"
            )
    roles = {sql.stored(role): role for role in table.texts("usage", scalars.sql_name)}
    return (Grant(privilege="USAGE", roles=tuple(roles[name] for name in sorted(roles))),) if roles else ()
