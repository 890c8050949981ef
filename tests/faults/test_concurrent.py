"""Deployments of different locks at once: one at a time, and the end state is one of them, whole."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.project import FUNCTIONS, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.project import Observer

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning")]

TARGET = """
[targets.shared]
connection = "local"
database = "LOCAL"
schema = "PUBLIC"
stage = "SNOWBUILD"
"""
DEPLOYMENTS = 4


def start(folder: Path, home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "snowbuild", *arguments, "--target", "shared"],
        cwd=folder,
        env={**os.environ, "SNOWFLAKE_HOME": str(home), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def projects(tmp_path: Path) -> list[Path]:
    """The same project in as many variants, each in a folder of its own."""
    folders = []
    for number in range(DEPLOYMENTS):
        folder = tmp_path / str(number)
        write(folder, 100 + number)
        with (folder / "snowbuild.toml").open("a") as file:
            file.write(TARGET)
        folders.append(folder)
    return folders


def test_waiting_for_each_other(folder: Path, observer: Observer, projects: list[Path]) -> None:
    home = folder / ".snowbuild" / "local"
    running = [start(p, home, "apply", "--yes", "--wait", "300") for p in projects]
    outputs = [process.communicate(timeout=400)[0] for process in running]
    assert [process.returncode for process in running] == [0] * DEPLOYMENTS, outputs
    answers = observer.answers()
    assert answers.keys() == set(FUNCTIONS)
    assert len(set(answers.values())) == 1, f"not one of the four: {answers}"
    assert set(answers.values()) <= set(range(100, 100 + DEPLOYMENTS))
    assert observer.broken_imports() == []


def test_not_waiting(folder: Path, observer: Observer, projects: list[Path]) -> None:
    home = folder / ".snowbuild" / "local"
    running = [start(p, home, "apply", "--yes") for p in projects]
    outputs = [process.communicate(timeout=400)[0] for process in running]
    refused = [output for process, output in zip(running, outputs, strict=True) if process.returncode]
    assert len(refused) < DEPLOYMENTS
    assert all("another deployment is under way, held by" in output for output in refused), outputs
    assert len(set(observer.answers().values())) == 1
    assert observer.broken_imports() == []
