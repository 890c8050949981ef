"""What is said of the models of a project, beside their locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Config, ModelConfig
from snowbuild.pipeline.models import lock_models
from snowbuild.runtime import Architecture, Runtime

if TYPE_CHECKING:
    from pathlib import Path


def test_files_that_are_one_where_case_is_ignored_are_noted(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a").write_bytes(b"1")
    if (tmp_path / "m" / "A").exists():
        pytest.skip("this file system ignores case")
    (tmp_path / "m" / "A").write_bytes(b"2")
    runtime = Runtime.parse("3.11", Architecture.X86_64)
    config = Config(
        path=tmp_path / "snowbuild.toml", name="p", runtime=runtime, models=(ModelConfig(name="m", path="m"),)
    )
    models, absent, notes = lock_models(config, None, None)
    assert ([m.name for m in models], absent) == (["m"], ())
    assert list(map(str, notes)) == ["models.m.path: A and a are one file on a system that ignores case"]
