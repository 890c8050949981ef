"""The same pins as uv's, and the same lockfile on every host, against an index that does not change."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uv

from snowbuild.config import NativeWheels, Service
from snowbuild.environments.interpreter import find_interpreter
from snowbuild.errors import EnvironmentBuildError, ResolutionError
from snowbuild.resolve import ResolveRequest, resolve
from snowbuild.runtime import Architecture, Runtime
from tests.resolve.frozen.server import frozen_index
from tests.resolve.frozen.sets import PYTHONS, SETS, UV_IS_LAXER
from tests.resolve.uv import uv_pins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.resolve.index import Index

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
RUNTIMES = [Runtime.parse(python, architecture) for python in PYTHONS for architecture in Architecture]


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with frozen_index() as running:
        yield running


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def ours(requirements: tuple[str, ...], runtime: Runtime, index: Index, cache: Path) -> set[str] | None:
    """Pins; None where there is no solution."""
    request = ResolveRequest(
        runtime=runtime,
        native_wheels=NativeWheels.ALLOW,
        requirements=requirements,
        index_urls=(index.url,),
        # Nothing goes on the stage, so that no wheel is looked into: there are none.
        service=Service.REPOSITORY,
    )
    try:
        return {f"{d.name}=={d.version}" for d in resolve(request, cache=cache / "snowbuild")}
    except ResolutionError as exc:
        if not str(exc).startswith("dependencies: no set of versions satisfies the requirements"):
            raise
        return None


@pytest.mark.parametrize("name", SETS)
def test_the_pins_are_uvs(name: str, index: Index, cache: Path) -> None:
    # Every set meets all Pythons and both architectures; from set to set they change places.
    first = list(SETS).index(name)
    runtimes = [RUNTIMES[2 * i + (first + i) % 2] for i in range(len(PYTHONS))]
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda runtime: ours(SETS[name], runtime, index, cache), runtimes))
        expected = list(pool.map(lambda runtime: uv_pins(SETS[name], runtime, index.url, cache / "uv"), runtimes))

    assert {r.version for r in runtimes} == set(PYTHONS)
    assert {r.architecture for r in runtimes} == set(Architecture)
    for runtime, pins, others in zip(runtimes, found, expected, strict=True):
        if (name, runtime.version) in UV_IS_LAXER:
            assert pins is None
            assert others is not None
        else:
            assert pins == others, f"{runtime.version} {runtime.architecture}"
    assert any(found)


CONFIG = """
[project]
name = "everywhere"
[runtime]
python = "3.12"
[dependencies]
requirements = ["snowflake-snowpark-python[pandas]<2", "uvicorn[standard]", "tox", "iniconfig; sys_platform != 'linux'"]
index-urls = ["{url}"]
[packages]
service = "repository"
"""

# Runs before anything else in every process of an environment: what the host says of itself is wrong from then on.
# Modules that are made for one system and could not be imported on another are imported before.
DISGUISE = """
import asyncio, ctypes, http.client, multiprocessing, os, platform, selectors, shutil, signal, socket, ssl
import subprocess, sys, sysconfig, tempfile, threading, urllib.request, webbrowser
import click._compat, filelock, pip._vendor.platformdirs, pip._vendor.truststore, platformdirs
sysconfig.get_config_vars()
system, machine, name, tag, release = {values!r}
platform.system = lambda: system
platform.machine = lambda: machine
platform.release = lambda: release
platform.version = lambda: "version " + release
platform.platform = lambda *_, **__: f"{{system}}-{{release}}-{{machine}}"
platform.mac_ver = lambda *_, **__: (release, ("", "", ""), machine)
sysconfig.get_platform = lambda: tag
sys.platform = name
"""
SYSTEMS = {
    "macOS": ("Darwin", "arm64", "darwin", "macosx-14.0-arm64", "23.0"),
    "Windows": ("Windows", "AMD64", "win32", "win-amd64", "11"),
}


def environment(folder: Path, interpreter: str) -> Path:
    """The Python of a new environment with snowbuild in it."""
    run = [uv.find_uv_bin(), "--no-config", "--quiet"]
    subprocess.run([*run, "venv", "--python", interpreter, folder], check=True)
    python = folder / "bin" / "python"
    needed = ["click", "filelock", "jinja2", "msgspec", "packaging>=26", "pip>=25.3,<26.4", "pip-tools>=7.6,<7.7"]
    needed += ["platformdirs", "tomlkit", "uv"]
    subprocess.run([*run, "pip", "install", "--python", python, *needed], check=True)
    subprocess.run([*run, "pip", "install", "--python", python, "--no-deps", "--editable", ROOT], check=True)
    return python


def lock(python: Path, folder: Path, index: Index) -> bytes:
    """The lockfile, made with an empty cache."""
    folder.mkdir()
    (folder / "snowbuild.toml").write_text(CONFIG.format(url=index.url))
    subprocess.run(
        [python, "-m", "snowbuild", "lock"],
        cwd=folder,
        env={**os.environ, "SNOWBUILD_CACHE_DIR": str(folder / "cache")},
        check=True,
        timeout=300,
    )
    return (folder / "pylock.snowbuild.toml").read_bytes()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, index: Index) -> bytes:
    return lock(Path(sys.executable), tmp_path_factory.mktemp("here") / "project", index)


@pytest.mark.parametrize("host", ["3.11", "3.12", "3.13"])
def test_the_lockfile_is_the_same_on_every_python(host: str, here: bytes, tmp_path: Path, index: Index) -> None:
    try:
        interpreter = find_interpreter(host)
    except EnvironmentBuildError:
        pytest.skip(f"there is no Python {host} here")
    python = environment(tmp_path / "environment", str(interpreter))

    assert lock(python, tmp_path / "project", index) == here


@pytest.mark.skipif(sys.platform == "win32", reason="its environments are laid out otherwise")
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_lockfile_is_the_same_on_every_system(system: str, here: bytes, tmp_path: Path, index: Index) -> None:
    python = environment(tmp_path / "environment", sys.executable)
    packages = next((tmp_path / "environment").glob("lib/python*/site-packages"))
    (packages / "disguise.py").write_text(DISGUISE.format(values=SYSTEMS[system]))
    (packages / "disguise.pth").write_text("import disguise\n")
    said = subprocess.run(
        [python, "-P", "-s", "-c", "import platform, sys; print(platform.system(), sys.platform)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert said == [SYSTEMS[system][0], SYSTEMS[system][2]]

    found = lock(python, tmp_path / "project", index)

    assert found == here
    assert b"iniconfig-" not in found
    shutil.rmtree(tmp_path / "environment")
