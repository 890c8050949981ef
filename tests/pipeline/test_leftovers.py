"""What killed processes have left is removed; what lasts, and what may still be written, is not."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from snowbuild.pipeline.leftovers import AGE_S, sweep
from tests.resolve.index import build_wheel

if TYPE_CHECKING:
    from pathlib import Path

LEFT = (
    "artifacts/wheels/.folder",
    "artifacts/wheels/0123456789abcdef/.file.part",
    "models/.file.zip",
    "models/.note.json.file",
    "optimized/.folder",
)
LASTING = (
    "artifacts/wheels/0123456789abcdef/thing-1.0-py3-none-any.whl",
    "models/0123.zip",
    "optimized/0123/.hidden",
    "environments/0123/.complete",
    "local/stages/.theirs",
    ".digests.json",
)


def make(state: Path, *names: str, age_s: float) -> None:
    for name in names:
        path = state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".folder"):
            (path / "content").mkdir(parents=True)
            (path / "content" / "thing.py").touch()
        else:
            path.touch()
        then = time.time() - age_s
        os.utime(path, (then, then))


def test_what_is_old_goes_and_what_lasts_stays(tmp_path: Path) -> None:
    make(tmp_path, *LEFT, *LASTING, age_s=AGE_S + 60)
    sweep(tmp_path)
    assert [name for name in LEFT if (tmp_path / name).exists()] == []
    assert [name for name in LASTING if not (tmp_path / name).exists()] == []


def test_what_a_process_may_be_at_work_on_stays(tmp_path: Path) -> None:
    make(tmp_path, *LEFT, age_s=AGE_S - 3600)
    sweep(tmp_path)
    assert [name for name in LEFT if not (tmp_path / name).exists()] == []


def test_without_a_state(tmp_path: Path) -> None:
    sweep(tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_what_sigkill_leaves_of_a_wheel_that_is_compiled(tmp_path: Path) -> None:
    folder = tmp_path / "artifacts" / "wheels"
    folder.mkdir(parents=True)
    # The interpreter that should compile kills whoever started it.
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -9 $PPID\n")
    python.chmod(0o755)
    script = (
        "import pathlib, sys\n"
        "from snowbuild.wheels.bytecode import compile_wheel\n"
        "wheel, python, folder = map(pathlib.Path, sys.argv[1:])\n"
        "compile_wheel(wheel, version='3.11', interpreter=python, folder=folder)\n"
    )
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    wheel.write_bytes(build_wheel("thing").content)
    done = subprocess.run([sys.executable, "-c", script, wheel, python, folder], check=False)
    assert done.returncode == -9
    (left,) = folder.iterdir()
    sweep(tmp_path)
    assert left.exists()
    sweep(tmp_path, age_s=-1)
    assert list(folder.iterdir()) == []
