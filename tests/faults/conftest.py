"""One local Snowflake, one parent of commands and one observer for a module's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild import local
from snowbuild.cli.workspace import choose_target, open_target
from snowbuild.config import load
from tests.faults.project import Observer, write
from tests.faults.zygote import Zygote, zygote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, in its first variant."""
    path = tmp_path_factory.mktemp("faults")
    write(path, 1)
    return path


@pytest.fixture(scope="module")
def commands(folder: Path) -> Iterator[Zygote]:
    """Runs commands; the first deployment is done, and its server is ended with the module."""
    with zygote(folder) as parent:
        ended = parent.run(folder, "apply", "--yes")
        assert ended.code == 0, ended.output
        yield parent
    local.down(folder / ".snowbuild" / "local")


@pytest.fixture(scope="module")
def observer(folder: Path, commands: Zygote) -> Iterator[Observer]:
    """Sees what the commands leave behind."""
    assert commands is not None
    config = load(folder / "snowbuild.toml")
    with open_target(config, choose_target(config, None)) as opened:
        yield Observer(folder, opened)
