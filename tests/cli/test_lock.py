"""`snowbuild lock`: what is said, and what is left behind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.cli.runner import run_here

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

COUNT = 501
CONFIG = f"""
[project]
name = "wide"
[runtime]
python = "3.11"
[packages]
service = "none"
[functions.f]
handler = "mine.py:f"
arguments = {{ {", ".join(f'A{number} = "FLOAT"' for number in range(COUNT))} }}
returns = "FLOAT"
"""
NOTE = (
    "note: functions.f.arguments: 501 arguments, but a Snowflake function takes at most 500: "
    "the row is passed as one OBJECT\n"
    'hint: call it with OBJECT_CONSTRUCT_KEEP_NULL(*), and write input = "object"\n'
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "snowbuild.toml").write_text(CONFIG)
    (tmp_path / "mine.py").write_text("def f(row):\n    return 1.0\n")
    return tmp_path


def test_notes_are_said_whether_or_not_the_lockfile_is_written(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, last in (
        (["lock"], "wrote pylock.snowbuild.toml: 0 distributions, 0 models, 1 function\n"),
        (["lock"], "pylock.snowbuild.toml is up to date\n"),
        (["lock", "--check"], "pylock.snowbuild.toml is up to date\n"),
    ):
        assert run_here(project, *arguments) == 0
        assert capsys.readouterr().err == NOTE + last


def test_a_lockfile_that_is_written_tidies_up_behind_the_killed(project: Path) -> None:
    left = project / ".snowbuild" / "artifacts" / "wheels" / ".left"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    assert run_here(project, "lock") == 0
    assert not left.exists()


def test_an_upgrade_of_what_is_not_there_is_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here(project, "lock", "--upgrade-package", "No_Such") == 0
    assert capsys.readouterr().err == (
        NOTE + "warning: --upgrade-package: no such distribution in pylock.snowbuild.toml: no-such\n"
        "wrote pylock.snowbuild.toml: 0 distributions, 0 models, 1 function\n"
    )
    assert str(run_here(project, "lock", "--check", "--upgrade")) == (
        "--check cannot be combined with --upgrade or --upgrade-package"
    )
