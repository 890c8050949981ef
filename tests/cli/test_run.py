"""What `snowbuild run` refuses, before anything is resolved or built."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.runner import run_here
from tests.faults.project import write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(os.pathsep == ";", reason="there PATH is read otherwise")
def test_a_folder_that_path_would_take_apart(tmp_path: Path) -> None:
    folder = tmp_path / f"a{os.pathsep}b"
    write(folder, 1)
    before = sorted(folder.iterdir())
    assert str(run_here(folder, "run", "--", "python", "-V")) == (
        f"{folder}: no environment can be used below a folder with {os.pathsep} in its name: PATH is split there\n"
        "hint: rename the folder"
    )
    assert sorted(folder.iterdir()) == before
