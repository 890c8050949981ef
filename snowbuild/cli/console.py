"""What the user sees: results on stdout, progress and notices on stderr."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from snowbuild.errors import Problem


class _Volume:
    """How much is said; set once, when the options are read."""

    quiet = False
    verbose = False


def set_volume(*, quiet: bool, verbose: bool) -> None:
    """Say less, or more, from here on."""
    _Volume.quiet, _Volume.verbose = quiet, verbose


def is_verbose() -> bool:
    """Whether --verbose was given."""
    return _Volume.verbose


def result(text: str) -> None:
    """Print a result."""
    click.echo(text, color=_color(sys.stdout))


def result_json(plain: Any) -> None:
    """Print a result as JSON."""
    click.echo(json.dumps(plain, indent=2, ensure_ascii=False))


def notice(text: str) -> None:
    """Say what is going on, unless --quiet."""
    if not _Volume.quiet:
        click.echo(text, err=True, color=_color(sys.stderr))


def warning(text: str) -> None:
    """Say what may surprise, --quiet or not."""
    click.echo(f"{paint('warning:', fg='yellow')} {text}", err=True, color=_color(sys.stderr))


def note(problem: Problem) -> None:
    """Say what deserves a look, unless --quiet."""
    place = f"{problem.where}: " if problem.where else ""
    notice(f"{paint('note:', fg='cyan')} {place}{problem.message}")
    if problem.hint:
        notice(f"{paint('hint:', fg='cyan')} {problem.hint}")


def error(problem: Problem) -> None:
    """Say what went wrong, where, and what to do."""
    place = f"{problem.where}: " if problem.where else ""
    click.echo(f"{paint('error:', fg='red', bold=True)} {place}{problem.message}", err=True, color=_color(sys.stderr))
    if problem.hint:
        click.echo(f"{paint('hint:', fg='cyan')} {problem.hint}", err=True, color=_color(sys.stderr))


def paint(text: str, **style: Any) -> str:
    """Colour text; the colour is taken out again where it does not belong."""
    return click.style(text, **style)


def is_interactive() -> bool:
    """Whether somebody can answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _color(stream: Any) -> bool:
    return not os.environ.get("NO_COLOR") and stream.isatty()
