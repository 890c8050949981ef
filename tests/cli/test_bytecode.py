"""`runtime.bytecode`, from the configuration to a function that imports what was compiled."""

from __future__ import annotations

import shutil
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from snowbuild import local
from snowbuild.environments.scripts import BYTECODE
from snowbuild.errors import EnvironmentBuildError, SnowbuildError, StaleLockError
from snowbuild.pipeline import bytecode
from tests.cli.runner import run_here
from tests.resolve.index import build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

CONFIG = """
[project]
name = "compiled"
[runtime]
python = "3.11"
bytecode = true
[dependencies]
requirements = ["wheels/thing-1.0-py3-none-any.whl"]
[packages]
service = "none"

[functions.where_from]
handler = "src/mine.py:where_from"
arguments = { X = "FLOAT" }
returns = "VARCHAR"

[[functions.where_from.tests]]
arguments = [1]
expect = "thing.cpython-311.pyc, there: True"
"""
MINE = """
import os
import thing


def where_from(x):
    return "{}, there: {}".format(os.path.basename(thing.__cached__), os.path.exists(thing.__cached__))
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project with a local wheel, locked; nothing of it needs an index."""
    for folder in ("wheels", "src"):
        (tmp_path / folder).mkdir()
    wheel = build_wheel("thing", modules={"thing.py": "VALUE = 1\n"})
    (tmp_path / "wheels" / wheel.filename).write_bytes(wheel.content)
    (tmp_path / "src" / "mine.py").write_text(MINE)
    (tmp_path / "snowbuild.toml").write_text(CONFIG)
    assert run_here(tmp_path, "lock") == 0
    yield tmp_path
    local.down(tmp_path / ".snowbuild" / "local")


def locked(project: Path) -> dict[str, Any]:
    """What the lockfile says of the one package."""
    (package,) = tomllib.loads((project / "pylock.snowbuild.toml").read_text())["packages"]
    tool: dict[str, Any] = package["tool"]["snowbuild"]
    return tool


def no_interpreter(version: str) -> Path:
    """There is none."""
    raise EnvironmentBuildError(f"Python {version} is not installed on this machine", hint="install it")


def test_a_function_imports_what_was_compiled(project: Path) -> None:
    assert run_here(project, "apply", "--yes") == 0
    assert run_here(project, "plan", "--detailed-exitcode") == 0
    assert run_here(project, "test") == 0


def test_an_unchanged_wheel_is_not_compiled_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bytecode, "find_interpreter", no_interpreter)
    before = (project / "pylock.snowbuild.toml").read_bytes()
    shutil.rmtree(project / ".snowbuild")
    for command in (["lock"], ["lock", "--check"], ["lock", "--upgrade-package", "other"]):
        assert run_here(project, *command) == 0
        assert (project / "pylock.snowbuild.toml").read_bytes() == before


def test_what_is_lost_is_made_again(project: Path) -> None:
    shutil.rmtree(project / ".snowbuild")
    assert run_here(project, "apply", "--yes", "--locked") == 0


def test_another_compiler_is_told_from_the_one_that_was_locked(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = (project / "pylock.snowbuild.toml").read_bytes()
    shutil.rmtree(project / ".snowbuild")
    script = project / "other.py"
    script.write_text(
        f"import pathlib, runpy, sys\nrunpy.run_path({str(BYTECODE)!r}, run_name='__main__')\n"
        "pathlib.Path(sys.argv[1], 'more.txt').write_text('another compiler was here')\n"
    )
    monkeypatch.setattr("snowbuild.wheels.bytecode.BYTECODE", script)
    error = run_here(project, "apply", "--yes", "--locked")
    assert isinstance(error, SnowbuildError)
    (problem,) = error.problems
    assert problem.where == "thing-1.0-py3-none-any.cp311.zip"
    assert problem.hint == (
        "another patch level of Python compiles some modules differently; run `snowbuild push` where it was locked, or "
        "`snowbuild lock --upgrade-package thing` here"
    )
    assert run_here(project, "lock", "--upgrade-package", "thing") == 0
    assert (project / "pylock.snowbuild.toml").read_bytes() != lock
    assert run_here(project, "apply", "--yes", "--locked") == 0


def test_switching_it_off_and_on(project: Path) -> None:
    before = (project / "pylock.snowbuild.toml").read_bytes()
    (project / "snowbuild.toml").write_text(CONFIG.replace("bytecode = true\n", ""))
    error = run_here(project, "lock", "--check")
    assert isinstance(error, StaleLockError)
    assert str(error) == (
        "pylock.snowbuild.toml: out of date: runtime.bytecode has changed since it was locked\n"
        "hint: run `snowbuild lock`"
    )
    assert run_here(project, "lock") == 0
    assert "bytecode" not in locked(project)
    (project / "snowbuild.toml").write_text(CONFIG)
    assert run_here(project, "lock") == 0
    assert (project / "pylock.snowbuild.toml").read_bytes() == before


def test_without_a_python_of_the_runtime(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "pylock.snowbuild.toml").unlink()
    monkeypatch.setattr(bytecode, "find_interpreter", no_interpreter)
    error = run_here(project, "lock")
    assert isinstance(error, EnvironmentBuildError)
    assert str(error) == (
        "runtime.bytecode: Python 3.11 is not installed on this machine\n"
        "hint: install it; or remove runtime.bytecode from snowbuild.toml"
    )
    assert not (project / "pylock.snowbuild.toml").exists()


def test_what_is_damaged_among_the_artifacts_leaves_the_wheel_alone(project: Path) -> None:
    wheel = project / "wheels" / "thing-1.0-py3-none-any.whl"
    content = wheel.read_bytes()
    (copy,) = (project / ".snowbuild" / "artifacts" / "wheels").rglob("*.whl")
    copy.write_bytes(b"damaged")
    assert wheel.read_bytes() == content
    shutil.rmtree(copy.parent.with_name(locked(project)["bytecode"]["sha256"][:16]))
    assert run_here(project, "apply", "--yes", "--locked") == 0
    assert copy.read_bytes() == content


def test_a_folder_for_artifacts_that_is_none(project: Path) -> None:
    shutil.rmtree(project / ".snowbuild" / "artifacts")
    (project / ".snowbuild" / "artifacts").write_text("a file")
    error = run_here(project, "lock", "--upgrade")
    assert isinstance(error, SnowbuildError)
    assert str(error) == (
        f"{project / '.snowbuild' / 'artifacts' / 'wheels'}: cannot be written: Not a directory\n"
        "hint: make room there, and make it writable"
    )


def test_a_saved_plan_of_a_handler_that_has_changed_since(project: Path) -> None:
    assert run_here(project, "plan", "--out", "one.plan") == 0
    (project / "src" / "mine.py").write_text(MINE + "# Changed.\n")
    error = run_here(project, "apply", "one.plan", "--yes")
    assert isinstance(error, SnowbuildError)
    (problem,) = [p for p in error.problems if "mine.py" in (p.where or "")]
    assert (problem.message, problem.hint) == (
        "what it is made from has changed since it was locked",
        "run `snowbuild lock`; a saved plan must be made again",
    )
