"""Finding a Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from snowbuild.environments.interpreter import find_interpreter
from snowbuild.errors import EnvironmentBuildError

OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_the_running_version_is_its_own_base() -> None:
    found = find_interpreter(OWN)
    assert found.exists()
    assert not (found.parent.parent / "pyvenv.cfg").exists()


def test_candidates_that_do_not_run_are_passed_over(tmp_path: Path) -> None:
    script(tmp_path / "shims" / "python3.77", "exit 127")
    script(tmp_path / "broken" / "python3.77", "exit 127")
    script(tmp_path / "lying" / "python3.77", "printf 'cpython\\n3.11\\n/bin/sh\\n'")
    script(tmp_path / "pypy" / "python3.77", "printf 'pypy\\n3.77\\n/bin/sh\\n'")
    script(tmp_path / "pyenv" / "versions" / "3.77.1" / "bin" / "python", "printf 'cpython\\n3.77\\n/bin/sh\\n'")
    path = ":".join(str(tmp_path / name) for name in ("shims", "broken", "lying", "pypy"))
    assert find_interpreter("3.77", environ={"PATH": path, "PYENV_ROOT": str(tmp_path / "pyenv")}) == Path("/bin/sh")


def test_none_is_there() -> None:
    with pytest.raises(EnvironmentBuildError) as caught:
        find_interpreter("3.77", environ={"PATH": ""})
    assert str(caught.value) == (
        "Python 3.77 is not installed on this machine\n"
        "hint: install it with `uv python install 3.77`, pyenv, or your system's packages"
    )


@pytest.mark.parametrize("version", ["3", "3.11.2", "python3", "3.x"])
def test_not_a_minor_version(version: str) -> None:
    with pytest.raises(EnvironmentBuildError) as caught:
        find_interpreter(version)
    assert str(caught.value) == f"not a minor version of Python: {version}\nhint: write it like 3.11"
