"""A project's folder with every file that the tests' configurations name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    "channel.json",
    "src/risk.py",
    "templates/autogluon_vectorized.py.j2",
    "wheels/example-1.0-py3-none-any.whl",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder that snowbuild.toml lies in."""
    root = tmp_path / "a project"
    for file in FILES:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    return root
