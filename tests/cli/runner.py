"""The command line as its users run it: a process of its own; and in this process, where there are many."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from snowbuild import local
from snowbuild.cli import app, console
from snowbuild.errors import SnowbuildError

if TYPE_CHECKING:
    from collections.abc import Iterator
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


@contextmanager
def deployed(folder: Path, text: str, mine: str) -> Iterator[Path]:
    """A project of a snowbuild.toml and a src/mine.py, deployed to `local` without trying its functions first."""
    (folder / "src").mkdir()
    (folder / "src" / "mine.py").write_text(mine, encoding="utf-8")
    (folder / "snowbuild.toml").write_text(text, encoding="utf-8")
    assert run_here(folder, "apply", "--yes", "--no-canary") == 0
    yield folder
    local.down(folder / ".snowbuild" / "local")
