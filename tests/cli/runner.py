"""The command line as its users run it: a process of its own; and in this process, where there are many."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from snowbuild.cli import app, console
from snowbuild.errors import SnowbuildError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


def snowbuild(folder: Path, *arguments: str, **environ: str) -> Ran:
    """Run `snowbuild` in a folder; a traceback is a defect, whatever else a test looks at."""
    completed = subprocess.run(
        [sys.executable, "-m", "snowbuild", *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", **environ},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=900,
    )
    assert "Traceback" not in completed.stderr, completed.stderr
    assert "snowbuild itself failed" not in completed.stderr, completed.stderr
    return Ran(completed.returncode, completed.stdout, completed.stderr)


def run_here(folder: Path, *arguments: str) -> SnowbuildError | click.ClickException | int:
    """Run a command in this process: its exit code, or the error that the boundary would print.

    Anything else that is raised is a defect, and fails the test with its traceback.
    """
    console.set_volume(quiet=True, verbose=False)
    try:
        with chdir(folder):
            code = app.snowbuild.main([*arguments], standalone_mode=False)
    except (SnowbuildError, click.ClickException) as exc:
        return exc
    return code if isinstance(code, int) else 0
