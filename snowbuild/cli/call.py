"""`snowbuild call`: one row through a deployed function."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NoReturn

import click

from snowbuild.calls.answers import encode
from snowbuild.calls.calling import call_row
from snowbuild.cli import console
from snowbuild.cli.options import common, on_target
from snowbuild.cli.workspace import choose_target, open_target
from snowbuild.config import load
from snowbuild.config.arguments import required
from snowbuild.config.suggest import suggestion
from snowbuild.errors import ConfigError, SnowbuildError
from snowbuild.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.config.values import Config, FunctionConfig, Json


@click.command("call")
@common
@on_target
@click.argument("name")
@click.option("--row", required=True, metavar="JSON", help="The arguments: an array in order, or an object by name.")
def call_command(file: Path, target: str | None, name: str, row: str) -> None:
    """Call a deployed function with one row and print the result."""
    config = load(file, files_must_exist=False)
    chosen = choose_target(config, target)
    function = function_named(config, name)
    arguments = _row(function, row)
    with open_target(config, chosen) as opened:
        answer = call_row(opened, chosen, function, arguments)
    console.result(encode(answer, function.returns))


def function_named(config: Config, name: str) -> FunctionConfig:
    """The function of that name.

    Raises:
        ConfigError: there is none.
    """
    try:
        return config.function(name)
    except KeyError:
        hint = suggestion(name, [f.name for f in config.functions])
        raise ConfigError(f"no such function: {name}", where=config.path.name, hint=hint) from None


def _row(function: FunctionConfig, text: str) -> list[Json]:
    names = [a.name for a in function.arguments]
    fewest = required(function.arguments)
    try:
        row = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError) as exc:
        raise SnowbuildError(f"not JSON: {exc}", where="--row", hint="for example --row '[1, \"a\"]'") from exc
    if isinstance(row, dict):
        # Defaults come last: a call may leave them out from the end, but not in the middle.
        given = max([fewest, *(number for number, name in enumerate(names, 1) if name in row)])
        if unknown := sorted(set(row) ^ set(names[:given])):
            raise SnowbuildError(
                f"missing or unknown arguments: {', '.join(unknown)}",
                where="--row",
                hint=f"the arguments are {', '.join(names)}",
            )
        row = [row[name] for name in names[:given]]
    if not isinstance(row, list) or not fewest <= len(row) <= len(names):
        least = f"{fewest} to " if fewest < len(names) else ""
        raise SnowbuildError(
            f"{function.name} takes {least}{counted(len(names), 'argument')}", where="--row", hint=", ".join(names)
        )
    return row


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not allowed in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number
