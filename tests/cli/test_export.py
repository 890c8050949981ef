"""`snowbuild export`, from a lockfile alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.export import Format, export
from snowbuild.lock import write_lock
from tests.cli.runner import snowbuild
from tests.lock.samples import LOCK

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

LEFT_OUT = "warning: only-there 1.5: left out: only the package service has it\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_lock(tmp_path / "pylock.snowbuild.toml", LOCK)
    return tmp_path


@pytest.mark.parametrize(("form", "said"), [("pylock", LEFT_OUT), ("requirements", LEFT_OUT), ("cyclonedx", "")])
def test_on_standard_output(folder: Path, form: str, said: str) -> None:
    ran = snowbuild(folder, "export", "--format", form)
    assert (ran.code, ran.out, ran.err) == (0, export(LOCK, Format(form)), said)


def test_into_a_file_elsewhere(folder: Path) -> None:
    (folder / "out").mkdir()
    ran = snowbuild(folder, "export", "--format", "requirements", "--output", "out/requirements.txt")
    assert (ran.code, ran.out, ran.err) == (0, "", f"{LEFT_OUT}wrote out/requirements.txt\n")
    assert "\n../wheels/mine-2.0-py3-none-any.whl \\\n" in (folder / "out" / "requirements.txt").read_text()


def test_a_name_that_nobody_knows_for_a_lockfile(folder: Path) -> None:
    ran = snowbuild(folder, "export", "--format", "pylock", "-o", "my.lock", "--quiet")
    assert (ran.code, ran.err) == (
        0,
        f"{LEFT_OUT}"
        "warning: my.lock: pip and uv recognize a PEP 751 file by its name: pylock.toml or pylock.NAME.toml\n",
    )


def test_a_folder_that_is_not_there(folder: Path) -> None:
    ran = snowbuild(folder, "export", "--format", "cyclonedx", "-o", "gone/bom.json")
    assert (ran.code, ran.err) == (1, "error: gone/bom.json: cannot be written: No such file or directory\n")
