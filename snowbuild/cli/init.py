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
# Wheels go on the stage compiled, which needs that Python here when they are locked: functions start sooner.
bytecode = true

[dependencies]
# AutoGluon imports the last two without requiring them.
requirements = ["autogluon.tabular==1.5.0", "packaging", "typing-extensions"]
exclude = ["matplotlib"]

[packages]
# "channel" needs channel.json, a list of what your account's Anaconda channel offers.
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
@click.option("--name", metavar="NAME", help="The project; default: the folder's name.")
def init_command(file: Path, name: str | None) -> None:
    """Write a snowbuild.toml to begin with."""
    chosen = name or re.sub(r"[^A-Za-z0-9._-]+", "-", file.resolve().parent.name).strip("-._") or "project"
    folder_name(chosen)
    try:
        # "x": never over one that is there.
        with file.open("x", encoding="utf-8") as created:
            created.write(BEGINNING.format(name=chosen))
    except FileExistsError:
        raise ConfigError("is there already", where=str(file), hint="edit it, or remove it first") from None
    except OSError as exc:
        hint = None if file.parent.is_dir() else "make its folder first"
        raise ConfigError(f"cannot be written: {exc.strerror}", where=str(file), hint=hint) from exc
    console.result(f"wrote {file}")
    console.notice("next: name your model and function in it, then `snowbuild lock`")
