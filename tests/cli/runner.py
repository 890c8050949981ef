"""The command line as its users run it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
