"""The same result from every Python that snowbuild runs on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.resolve.index import Index, build_wheel

if TYPE_CHECKING:
    from tests.resolve.conftest import Resolve

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ROOT = Path(__file__).parents[2]

SCRIPT = """
import sys
from pathlib import Path
from snowbuild.config import NativeWheels, Service
from snowbuild.resolve import ResolveRequest, resolve
from snowbuild.runtime import Architecture, Runtime
request = ResolveRequest(
    runtime=Runtime.parse("3.11", Architecture.X86_64), native_wheels=NativeWheels.ALLOW,
    requirements=("app",), index_urls=(sys.argv[1],), service=Service.NONE,
)
sys.stdout.write(repr(resolve(request, cache=Path(sys.argv[2]))))
"""


def uv(*arguments: str) -> str:
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    assert found is not None
    return subprocess.run([found, *arguments], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("python", ["3.12", "3.13"])
def test_other_hosts_find_the_same(resolve: Resolve, index: Index, tmp_path: Path, python: str) -> None:
    try:
        interpreter = uv("python", "find", "--no-python-downloads", "--system", python)
    except subprocess.CalledProcessError:
        pytest.skip(f"there is no Python {python} here")
    index.add(
        build_wheel("app", requires=["a", "old; python_version < '3.12'", "new; python_version >= '3.12'"]),
        *(build_wheel("a", tag=f"cp3{minor}-cp3{minor}-manylinux2014_x86_64") for minor in (11, 12, 13)),
        build_wheel("old"),
        build_wheel("new"),
    )
    here = resolve("app")
    environment = tmp_path / "environment"
    uv("venv", "--quiet", "--python", interpreter, str(environment))
    other = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    needed = ["packaging>=26", "msgspec", "pip>=25.3,<26.4", "pip-tools>=7.6,<7.7"]
    uv("pip", "install", "--quiet", "--python", str(other), *needed)
    uv("pip", "install", "--quiet", "--python", str(other), "--no-deps", "--editable", str(ROOT))

    done = subprocess.run(
        [other, "-c", SCRIPT, index.url, str(tmp_path / "other")], capture_output=True, text=True, check=True
    )

    assert sorted(here) == ["a", "app", "old"]
    assert done.stdout == repr(tuple(here.values()))
