"""Find a working CPython of a minor version on this machine; nothing is downloaded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild.errors import EnvironmentBuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A venv's `_base_executable` is the interpreter that it was made from.
PROBE = (
    "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2], "
    "getattr(sys, '_base_executable', None) or sys.executable, sep='\\n')"
)
PROBE_TIMEOUT_S = 20


def find_interpreter(version: str, *, environ: Mapping[str, str] | None = None) -> Path:
    """The first interpreter of `version` ("3.11") that runs, never one inside a virtual environment.

    Searched in this order: the Python that runs snowbuild, what uv finds (including its own downloads), PATH, pyenv's
    versions, and the usual folders of the python.org installers.

    Raises:
        EnvironmentBuildError: there is none; names the version and how to install it.
    """
    if not re.fullmatch(r"3\.\d{1,2}", version):
        raise EnvironmentBuildError(f"not a minor version of Python: {version}", hint="write it like 3.11")
    variables = os.environ if environ is None else environ
    seen: set[Path] = set()
    for candidate in _candidates(version, variables):
        if candidate in seen:
            continue
        seen.add(candidate)
        found = _probe(candidate, version)
        if found is not None:
            return found
    raise EnvironmentBuildError(
        f"Python {version} is not installed on this machine",
        hint=f"install it with `uv python install {version}`, pyenv, or your system's packages",
    )


def _candidates(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    yield Path(sys.executable)
    folders = _search_path(environ)
    yield from _uv_finds(version, environ, folders)
    name = f"python{version}.exe" if os.name == "nt" else f"python{version}"
    for folder in folders:
        yield folder / name
    for root in (environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv")):
        if root:
            yield from sorted(Path(root, "versions").glob(f"{version}*/bin/python"), reverse=True)
    yield Path(f"/Library/Frameworks/Python.framework/Versions/{version}/bin/python{version}")
    yield Path(f"/opt/homebrew/opt/python@{version}/bin/python{version}")
    if os.name == "nt":
        compact = version.replace(".", "")
        yield Path(environ.get("LOCALAPPDATA", ""), "Programs", "Python", f"Python{compact}", "python.exe")


def _search_path(environ: Mapping[str, str]) -> list[Path]:
    """The folders on PATH without pyenv's shims.

    A shim fails for every version that is not selected in the current directory, and uv gives up at the first
    interpreter that fails.
    """
    folders = [Path(folder) for folder in environ.get("PATH", "").split(os.pathsep) if folder]
    return [folder for folder in folders if folder.name != "shims"]


def _uv_finds(version: str, environ: Mapping[str, str], folders: list[Path]) -> Iterator[Path]:
    from uv import find_uv_bin

    options = ("--system", "--no-python-downloads", "--no-config", "--no-project")
    try:
        done = subprocess.run(
            [find_uv_bin(), "python", "find", version, *options],
            env={**environ, "PATH": os.pathsep.join(map(str, folders))},
            capture_output=True,
            text=True,
            timeout=PROBE_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    if done.returncode == 0 and done.stdout.strip():
        yield Path(done.stdout.strip())


def _probe(candidate: Path, version: str) -> Path | None:
    """The interpreter behind a candidate, if it runs and is a CPython of that version."""
    try:
        done = subprocess.run(
            [candidate, "-I", "-c", PROBE], capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) != 3 or lines[:2] != ["cpython", version]:
        return None
    base = Path(lines[2])
    return base if base.exists() else candidate
