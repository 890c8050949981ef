"""Building environments from locked wheels, without any index."""

from __future__ import annotations

import concurrent.futures
import hashlib
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from snowbuild.distribution import Distribution, Rule, Source, Wheel
from snowbuild.environments.build import build_environment, explain, write_pylock
from snowbuild.errors import DigestMismatchError, EnvironmentBuildError

if TYPE_CHECKING:
    from pathlib import Path

PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked of an index fails at once."""
    monkeypatch.setenv("UV_OFFLINE", "1")


def make_wheel(folder: Path, name: str = "sample", text: str = "VALUE = 1\n") -> str:
    """Write a wheel; gives its digest."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", text)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_lock(folder: Path, digest: str, tool: str = "") -> Path:
    """A lockfile of one local wheel."""
    path = folder / "pylock.snowbuild.toml"
    path.write_text(
        'lock-version = "1.0"\ncreated-by = "test"\n\n[[packages]]\nname = "sample"\nversion = "1.0"\n'
        '[[packages.wheels]]\nname = "sample-1.0-py3-none-any.whl"\npath = "sample-1.0-py3-none-any.whl"\n'
        f'hashes = {{sha256 = "{digest}"}}\n{tool}'
    )
    return path


def test_a_locked_local_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = tmp_path / "a project"
    project.mkdir()
    lock = write_lock(project, make_wheel(project))
    # None of it may have an influence: neither the variables nor the current directory.
    monkeypatch.setenv("UV_REQUIRE_HASHES", "banana")
    monkeypatch.setenv("UV_INDEX_URL", "http://127.0.0.1:1/")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "uv.toml").write_text("banana = 1\n")
    monkeypatch.chdir(tmp_path)
    environment = build_environment(tmp_path / "environments", python=PYTHON, lockfile=lock)
    done = subprocess.run(
        [environment.python, "-c", "import sample; print(sample.VALUE, sample.__cached__)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    value, cached = done.stdout.split(maxsplit=1)
    assert value == "1"
    assert list(environment.folder.rglob("sample.*.pyc")), "bytecode is compiled when the environment is built"
    assert cached.strip().endswith(".pyc")


def test_reused_until_the_packages_change(tmp_path: Path) -> None:
    digest = make_wheel(tmp_path)
    folder = tmp_path / "environments"
    first = build_environment(folder, python=PYTHON, lockfile=write_lock(tmp_path, digest))
    made = (first.folder / ".complete").stat().st_mtime_ns
    lock = write_lock(tmp_path, digest, tool='[tool.snowbuild]\nmodels = "retrained"\n')
    second = build_environment(folder, python=PYTHON, lockfile=lock)
    assert (second, (second.folder / ".complete").stat().st_mtime_ns) == (first, made)
    digest = make_wheel(tmp_path, text="VALUE = 2\n")
    assert build_environment(folder, python=PYTHON, lockfile=write_lock(tmp_path, digest)) != first


def test_an_interrupted_build_is_begun_anew(tmp_path: Path) -> None:
    lock = write_lock(tmp_path, make_wheel(tmp_path))
    folder = tmp_path / "environments"
    environment = build_environment(folder, python=PYTHON, lockfile=lock)
    (environment.folder / ".complete").unlink()
    (environment.folder / "leftover").write_text("")
    assert build_environment(folder, python=PYTHON, lockfile=lock) == environment
    assert not (environment.folder / "leftover").exists()


def test_builds_at_once(tmp_path: Path) -> None:
    lock = write_lock(tmp_path, make_wheel(tmp_path))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        built = {pool.submit(build_environment, tmp_path / "e", python=PYTHON, lockfile=lock) for _ in range(4)}
        assert len({each.result() for each in built}) == 1


def test_a_wheel_that_is_not_the_locked_one(tmp_path: Path) -> None:
    actual = make_wheel(tmp_path)
    with pytest.raises(DigestMismatchError) as caught:
        build_environment(tmp_path / "e", python=PYTHON, lockfile=write_lock(tmp_path, "0" * 64))
    error = caught.value
    assert (error.expected, error.actual) == ("0" * 64, actual)
    assert error.problems[0].where is not None
    assert "sample" in error.problems[0].where
    assert not [path for path in (tmp_path / "e").iterdir() if path.is_dir()]


def test_a_lockfile_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentBuildError) as caught:
        build_environment(tmp_path / "e", python=PYTHON, lockfile=tmp_path / "pylock.toml")
    assert str(caught.value) == (f"{tmp_path}/pylock.toml: no such lockfile\nhint: write it with `snowbuild lock`")


def test_what_cannot_be_had_offline(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentBuildError) as caught:
        build_environment(tmp_path / "e", python=PYTHON, requirements=["snowbuild-no-such-thing==1"])
    assert str(caught.value) == (
        "not in uv's cache, and the network is switched off\nhint: unset UV_OFFLINE and try again"
    )


def test_a_locked_wheel_that_cannot_be_had_offline(tmp_path: Path) -> None:
    lock = write_lock(tmp_path, "0" * 64)
    lock.write_text(lock.read_text().replace('path = "sample', 'url = "http://127.0.0.1:1/sample'))
    with pytest.raises(EnvironmentBuildError) as caught:
        build_environment(tmp_path / "e", python=PYTHON, lockfile=lock)
    assert str(caught.value) == (
        "sample==1.0: not in uv's cache, and the network is switched off\nhint: unset UV_OFFLINE and try again"
    )


@pytest.mark.integration
def test_an_index_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_OFFLINE")
    lock = write_lock(tmp_path, "0" * 64)
    lock.write_text(lock.read_text().replace('path = "sample', 'url = "http://127.0.0.1:1/sample'))
    with pytest.raises(EnvironmentBuildError) as caught:
        build_environment(tmp_path / "e", python=PYTHON, lockfile=lock)
    assert str(caught.value) == (
        "sample==1.0: the package index cannot be reached: 127.0.0.1\nhint: check the network and try again"
    )


def test_a_subset_as_a_lockfile(tmp_path: Path) -> None:
    digest = make_wheel(tmp_path)
    wheel = Wheel(filename="sample-1.0-py3-none-any.whl", path="sample-1.0-py3-none-any.whl", sha256=digest)
    sample = Distribution(name="sample", version="1.0", source=Source.CHANNEL, rule=Rule.SERVICE, wheels=(wheel,))
    (tmp_path / "elsewhere").mkdir()
    lock = tmp_path / "elsewhere" / "pylock.0123.toml"
    write_pylock([sample], tmp_path, lock)
    environment = build_environment(tmp_path / "e", python=PYTHON, lockfile=lock)
    assert subprocess.run([environment.python, "-c", "import sample"], check=False).returncode == 0


def test_words_of_uv_become_ours() -> None:
    error = explain("error: No solution found when resolving dependencies\n  cause: Because a==1 needs b\n")
    assert str(error) == "No solution found when resolving dependencies\n  Because a==1 needs b"
