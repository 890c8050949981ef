"""What the user sees: results on stdout, progress and notices on stderr."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

from snowbuild.errors import SnowbuildError

if TYPE_CHECKING:
    from snowbuild.errors import Problem


class _Volume:
    """How much is printed; set once, when the options are read.

    Not on click's context: actions are reported from several threads, and each thread has a context of its own.
    """

    quiet = False
    verbose = False


def set_volume(*, quiet: bool, verbose: bool) -> None:
    """Set how much is printed from here on."""
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
    """Print progress, unless --quiet."""
    if not _Volume.quiet:
        click.echo(text, err=True, color=_color(sys.stderr))


def warning(text: str) -> None:
    """Print a warning, even with --quiet."""
    click.echo(f"{paint('warning:', fg='yellow')} {text}", err=True, color=_color(sys.stderr))


def note(problem: Problem) -> None:
    """Print a note, unless --quiet."""
    if not _Volume.quiet:
        _tell(paint("note:", fg="cyan"), problem)


def error(problem: Problem) -> None:
    """Print what went wrong, where, and what to do about it."""
    _tell(paint("error:", fg="red", bold=True), problem)


def paint(text: str, **style: Any) -> str:
    """Colour text; `click.echo` strips the colour where it is not wanted."""
    return click.style(text, **style)


def confirm(question: str, *, about: str, yes: bool) -> None:
    """Return if the user agrees, or has already agreed with --yes.

    Raises:
        SnowbuildError: the answer is no, or there is no terminal to ask on; `about` names what needs confirmation.
    """
    if not yes:
        require_terminal(about)
        if not click.confirm(question, err=True):
            raise SnowbuildError("cancelled; nothing was done")


def require_terminal(about: str) -> None:
    """Check that a question can be asked and answered.

    Raises:
        SnowbuildError: as for `confirm`.
    """
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.stderr)):
        raise SnowbuildError(f"{about} needs confirmation, but there is no terminal", hint="add --yes")


def _tell(kind: str, problem: Problem) -> None:
    place = f"{problem.where}: " if problem.where else ""
    hint = f"\n{paint('hint:', fg='cyan')} {problem.hint}" if problem.hint else ""
    click.echo(f"{kind} {place}{problem.message}{hint}", err=True, color=_color(sys.stderr))


def _color(stream: TextIO | None) -> bool:
    return not os.environ.get("NO_COLOR") and _is_terminal(stream)


def _is_terminal(stream: TextIO | None) -> bool:
    # A stream that was closed before Python started, as with `>&-`, is None.
    return stream is not None and stream.isatty()
