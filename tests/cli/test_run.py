"""`snowbuild run`: what it refuses, and how a command ends."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.runner import run_here, snowbuild
from tests.faults.project import write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.pathsep == ";", reason="there PATH is read otherwise")
def test_a_folder_that_path_would_take_apart(tmp_path: Path) -> None:
    folder = tmp_path / f"a{os.pathsep}b"
    write(folder, 1)
    before = sorted(folder.iterdir())
    assert str(run_here(folder, "run", "--", "python", "-V")) == (
        f"{folder}: environments do not work in a folder with {os.pathsep} in its path, because PATH is split there\n"
        "hint: rename the folder"
    )
    assert sorted(folder.iterdir()) == before


@pytest.mark.integration
def test_how_a_command_ends(tmp_path: Path) -> None:
    (tmp_path / "snowbuild.toml").write_text(
        '[project]\nname = "p"\n[runtime]\npython = "3.11"\n[packages]\nservice = "none"\n'
    )
    ran = snowbuild(tmp_path, "run", "--", "sh", "-c", "exit 3")
    environment = "environment of pylock.snowbuild.toml for Python 3.11\n"
    assert (ran.code, ran.err) == (
        1,
        f"updated pylock.snowbuild.toml: 0 distributions\n{environment}sh ended with exit code 3\n",
    )
    ran = snowbuild(tmp_path, "run", "--", "sh", "-c", "kill -KILL $$")
    assert (ran.code, ran.err) == (1, f"{environment}sh ended with SIGKILL\n")
    # What ends snowbuild alone, as CI and containers do it, ends the command, which may have hardly begun.
    command = [sys.executable, "-m", "snowbuild", "run", "--", "sh", "-c", "kill -TERM $PPID; exec sleep 600"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", f"{environment}\ninterrupted\n")
