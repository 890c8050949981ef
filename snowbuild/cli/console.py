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
    if not _Volume.quiet:
        _tell(paint("note:", fg="cyan"), problem)


def error(problem: Problem) -> None:
    """Say what went wrong, where, and what to do."""
    _tell(paint("error:", fg="red", bold=True), problem)


def paint(text: str, **style: Any) -> str:
    """Colour text; the colour is taken out again where it does not belong."""
    return click.style(text, **style)


def confirm(question: str, *, about: str, yes: bool) -> None:
    """Go on only when somebody agrees; with --yes, somebody did beforehand.

    Raises:
        SnowbuildError: there is nobody to ask, `about` says what about; or the answer is no.
    """
    if not yes:
        require_somebody(about)
        if not click.confirm(question, err=True):
            raise SnowbuildError("nothing was done: the answer is no")


def require_somebody(about: str) -> None:
    """See to it that somebody can answer a question.

    Raises:
        SnowbuildError: as for `confirm`.
    """
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.stderr)):
        raise SnowbuildError(f"{about}, and nobody to ask", hint="add --yes")


def _tell(kind: str, problem: Problem) -> None:
    place = f"{problem.where}: " if problem.where else ""
    hint = f"\n{paint('hint:', fg='cyan')} {problem.hint}" if problem.hint else ""
    click.echo(f"{kind} {place}{problem.message}{hint}", err=True, color=_color(sys.stderr))


def _color(stream: TextIO | None) -> bool:
    return not os.environ.get("NO_COLOR") and _is_terminal(stream)


def _is_terminal(stream: TextIO | None) -> bool:
    # Python has None for a stream that was closed before it began, as by `>&-`.
    return stream is not None and stream.isatty()
