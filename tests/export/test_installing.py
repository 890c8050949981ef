"""pip and uv install what is locked and exported, digests enforced."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from tests.cli.runner import snowbuild
from tests.resolve.index import Index, build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

HOST = f"{sys.version_info[0]}.{sys.version_info[1]}"
TOML = """\
[project]
name = "p"
[runtime]
python = "{python}"
[dependencies]
requirements = ["app[more]", "wheels/mine-1.0-py3-none-any.whl", "{origin}/files/direct-1.0-py3-none-any.whl"]
exclude = ["plots"]
index-urls = ["{url}"]
[packages]
service = "none"
"""


@pytest.fixture(scope="module")
def index() -> Iterator[Index]:
    with Index() as running:
        running.add(
            build_wheel("app", requires=["helper", "plots", "extra; extra == 'more'"], extras=["more"]),
            build_wheel("direct"),
            build_wheel("extra"),
            build_wheel("helper", "1.0", modules={"helper.py": "VERSION = 1"}),
            build_wheel("helper", "2.0", requires_python=">=3.99"),
            build_wheel("plots"),
        )
        yield running


@pytest.fixture(scope="module")
def project(index: Index, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a lockfile and all that can be exported from it."""
    folder = tmp_path_factory.mktemp("a project")
    (folder / "wheels").mkdir()
    (folder / "wheels" / "mine-1.0-py3-none-any.whl").write_bytes(build_wheel("mine").content)
    (folder / "snowbuild.toml").write_text(TOML.format(python=HOST, origin=index.origin, url=index.url))
    for command in (
        ["lock"],
        ["export", "--format", "pylock", "--output", "pylock.plain.toml"],
        ["export", "--format", "requirements", "--output", "requirements.txt"],
    ):
        ran = snowbuild(folder, *command, SNOWBUILD_CACHE_DIR=str(folder / "cache"))
        assert ran.code == 0, ran.err
    return folder


def install(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_"))}
    return subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PIP_CONFIG_FILE": os.devnull, "UV_CACHE_DIR": str(folder / "uv")},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def installed(target: Path) -> dict[str, str]:
    found = (re.fullmatch(r"(.+)-(.+)\.dist-info", path.name) for path in target.iterdir())
    return {match[1]: match[2] for match in found if match}


def pip(project: Path, target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    pip = (sys.executable, "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-cache-dir")
    return install(project, *pip, "--target", str(target), *options)


def uv(project: Path, target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = (find_uv_bin(), "pip", "sync", "--no-config", "--no-python-downloads", "--python", sys.executable)
    return install(project, *command, "--target", str(target), *options)


ALL = {"app": "1.0", "direct": "1.0", "extra": "1.0", "helper": "1.0", "mine": "1.0"}


@pytest.mark.parametrize("name", ["pylock.snowbuild.toml", "pylock.plain.toml"])
def test_pip_takes_the_lockfile(project: Path, tmp_path: Path, name: str) -> None:
    # Without --no-deps pip looks for what is excluded as well: a requirement of `app` that the lockfile lacks.
    done = pip(project, tmp_path / "target", "--no-deps", "-r", name)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "target") == ALL


def test_pip_takes_the_requirements(project: Path, tmp_path: Path) -> None:
    done = pip(project, tmp_path / "target", "--require-hashes", "--no-deps", "-r", "requirements.txt")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "target") == ALL


@pytest.mark.parametrize("name", ["pylock.snowbuild.toml", "pylock.plain.toml"])
def test_uv_takes_the_lockfile(project: Path, tmp_path: Path, name: str) -> None:
    done = uv(project, tmp_path / "target", name)
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "target") == ALL


def test_uv_takes_the_requirements(project: Path, tmp_path: Path) -> None:
    done = uv(project, tmp_path / "target", "--require-hashes", "requirements.txt")
    assert done.returncode == 0, done.stderr
    assert installed(tmp_path / "target") == ALL


def test_another_content_is_refused(project: Path, index: Index, tmp_path: Path) -> None:
    other = shutil.copytree(project, tmp_path / "other", ignore=shutil.ignore_patterns("uv", "cache"))
    [helper] = [w for w in index.wheels["helper"] if w.version == "1.0"]
    changed = build_wheel("helper", "1.0", modules={"helper.py": "VERSION = 9"})
    index.wheels["helper"][index.wheels["helper"].index(helper)] = changed
    try:
        refusals = [
            uv(other, tmp_path / "1", "pylock.plain.toml"),
            uv(other, tmp_path / "2", "--require-hashes", "requirements.txt"),
            pip(other, tmp_path / "3", "--require-hashes", "--no-deps", "-r", "requirements.txt"),
        ]
    finally:
        index.wheels["helper"][index.wheels["helper"].index(changed)] = helper
    for done in refusals:
        assert done.returncode != 0
        assert "hash" in done.stderr.lower()
