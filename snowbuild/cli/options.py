"""The options that mean the same everywhere."""

from __future__ import annotations

from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from snowbuild.cli import console

if TYPE_CHECKING:
    from collections.abc import Callable


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --file, --verbose and --quiet; the command gets `file`."""

    @click.option("--file", "-f", type=click.Path(path_type=Path), default=Path("snowbuild.toml"), show_default=True,
                  help="The configuration file.")  # fmt: skip
    @click.option("--verbose", "-v", is_flag=True, help="Print more, such as the traceback of an error.")
    @click.option("--quiet", "-q", is_flag=True, help="Print only results, warnings and errors.")
    @wraps(command)
    def with_volume(*args: Any, verbose: bool, quiet: bool, **kwargs: Any) -> Any:
        console.set_volume(quiet=quiet, verbose=verbose)
        return command(*args, **kwargs)

    return with_volume


def on_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --target; the command gets `target`, None for the default."""
    return click.option("--target", "-t", metavar="NAME", help="The target; default: project.default-target.")(command)


def formatted(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add --format; the command gets `output`, one of `formats`, the first by default."""
    return click.option("--format", "output", type=click.Choice(formats), default=formats[0], show_default=True,
                        help="The output format.")  # fmt: skip


def lock_mode(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --locked; the command gets `locked`."""
    return click.option("--locked", is_flag=True, help="Fail if the lockfile is out of date, instead of updating it.")(
        command
    )
