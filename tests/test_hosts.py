"""The same inputs give the same lockfile, whatever Python and whatever settings the host has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import uv

from snowbuild.environments.interpreter import find_interpreter
from snowbuild.errors import EnvironmentBuildError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
HOSTS = ("3.12", "3.13")


def lock(python: Path, folder: Path, **environ: str) -> bytes:
    """Lock the example in a new folder, with a cache of its own."""
    folder.mkdir()
    for name in ("snowbuild.toml", "channel.json"):
        shutil.copy(ROOT / "examples" / "insurance" / name, folder)
    shutil.copytree(ROOT / "examples" / "insurance" / "templates", folder / "templates")
    subprocess.run(
        [python, "-m", "snowbuild", "lock"],
        cwd=folder,
        env={**os.environ, "SNOWBUILD_CACHE_DIR": str(folder / "cache"), **environ},
        check=True,
        timeout=600,
    )
    return (folder / "pylock.snowbuild.toml").read_bytes()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The lockfile that the Python of the tests writes."""
    return lock(Path(sys.executable), tmp_path_factory.mktemp("here") / "project")


@pytest.mark.parametrize("host", HOSTS)
def test_other_pythons(host: str, here: bytes, tmp_path: Path) -> None:
    try:
        interpreter = find_interpreter(host)
    except EnvironmentBuildError:
        pytest.skip(f"no Python {host} on this machine")
    run = [uv.find_uv_bin(), "--no-config", "--quiet"]
    subprocess.run([*run, "venv", "--python", interpreter, tmp_path / "venv"], check=True)
    subprocess.run([*run, "pip", "install", "--python", tmp_path / "venv/bin/python", ROOT], check=True, timeout=600)
    assert lock(tmp_path / "venv/bin/python", tmp_path / "project") == here


def test_settings_of_pip_and_uv_have_no_influence(here: bytes, tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nindex-url = http://127.0.0.1:9/simple\npre = true\n[install]\nno-deps = true\n")
    settings = {
        "PIP_CONFIG_FILE": str(config),
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_PRE": "1",
        "PIP_CONSTRAINT": str(tmp_path / "no such file"),
        "PIP_NO_BINARY": ":all:",
        "UV_INDEX_URL": "http://127.0.0.1:9/simple",
    }
    assert lock(Path(sys.executable), tmp_path / "project", **settings) == here
