"""`snowbuild init`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from snowbuild.cli import console
from snowbuild.cli.options import common
from snowbuild.config.scalars import folder_name
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

BEGINNING = """\
[project]
name = "{name}"

[runtime]
python = "3.11"
# Functions start sooner with wheels that are already compiled; locking then needs this Python installed here.
bytecode = true

[dependencies]
# AutoGluon imports the last two without requiring them.
requirements = ["autogluon.tabular==1.5.0", "packaging", "typing-extensions"]
exclude = ["matplotlib"]

[packages]
# "channel" needs channel.json, the list of what your account's Anaconda channel offers.
service = "repository"

# [models.expense]
# path = "models/expense"
#
# [functions.predict_expense]
# model = "expense"
# arguments = {{ AGE = "NUMBER(3,0)", BMI = "FLOAT" }}
# returns = "FLOAT"
"""


@click.command("init")
@common
@click.option("--name", metavar="NAME", help="The project's name; default: the folder's.")
def init_command(file: Path, name: str | None) -> None:
    """Create a starter snowbuild.toml."""
    chosen = name or re.sub(r"[^A-Za-z0-9._-]+", "-", file.resolve().parent.name).strip("-._") or "project"
    folder_name(chosen)
    try:
        # "x" never overwrites an existing file.
        with file.open("x", encoding="utf-8") as created:
            created.write(BEGINNING.format(name=chosen))
    except FileExistsError:
        raise ConfigError("already exists", where=str(file), hint="edit it, or remove it first") from None
    except OSError as exc:
        hint = None if file.parent.is_dir() else "create its folder first"
        raise ConfigError(f"cannot be written: {exc.strerror}", where=str(file), hint=hint) from exc
    console.result(f"wrote {file}")
    console.notice("next: add your model and function to it, then run `snowbuild lock`")
