"""A compiled wheel is the same wherever it is made, and needs no compiler where it is used."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from snowbuild.distribution import BytecodeArchive
from snowbuild.environments.interpreter import find_interpreter
from snowbuild.environments.scripts import BYTECODE
from snowbuild.errors import EnvironmentBuildError, SnowbuildError
from snowbuild.wheels.bytecode import archive_name, compile_wheel
from tests.resolve.index import build_wheel

VERSION = "3.11"
HERE = Path(sys.executable)
MODULES = {
    "pack/__init__.py": "def find(name):\n    return name in {'b', 'c', 'a', 'x', 'y', 'z', 'os'}\n",
    "pack/data/template.py": "{% not Python %}\n",
    "pack/data/nul.py": "\0",
    "pack/odd.py": "def odd(x):\n    return x in {None, 'a', 1, 2.5, True, (None, 1), b'q', 'other', 77}\n",
    "pack/words.txt": "words",
    "thing-1.0.data/purelib/beside.py": "import pack\n\nVALUE = pack.find('x')\n",
    "thing-1.0.data/scripts/thing": "#!python\n",
    "thing-1.0.data/headers/thing.h": "",
}
CONTENT = [
    "beside.py",
    "pack/__init__.py",
    "pack/data/nul.py",
    "pack/data/template.py",
    "pack/odd.py",
    "pack/words.txt",
    "thing-1.0.dist-info/METADATA",
    "thing-1.0.dist-info/RECORD",
    "thing-1.0.dist-info/WHEEL",
]


def write_wheel(folder: Path) -> Path:
    """A wheel with about everything that can be in one."""
    built = build_wheel("thing", modules=MODULES)
    path = folder / built.filename
    path.write_bytes(built.content)
    return path


def interpreters(version: str) -> list[Path]:
    """Every patch level of a Python that is here: the one that is found, those of pyenv, and the system's."""
    found = {
        find_interpreter(version),
        *Path.home().glob(f".pyenv/versions/{version}.*/bin/python"),
        *filter(Path.exists, [Path(f"/usr/bin/python{version}")]),
    }
    return sorted(found)


def test_the_archive_holds_what_is_installed_and_its_bytecode(tmp_path: Path) -> None:
    made = compile_wheel(write_wheel(tmp_path), version=VERSION, interpreter=HERE, folder=tmp_path / "out")
    archive = tmp_path / "out" / made.sha256[:16] / "thing-1.0-py3-none-any.cp311.zip"
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [archive]
    assert made == BytecodeArchive(filename=archive.name, size=archive.stat().st_size, sha256=made.sha256)
    with zipfile.ZipFile(archive) as opened:
        tag = sys.implementation.cache_tag
        names = ("__pycache__/beside", "pack/__pycache__/__init__", "pack/__pycache__/odd")
        compiled = [f"{name}.{tag}.pyc" for name in names]
        assert opened.namelist() == sorted([*CONTENT, *compiled])


def test_python_imports_the_bytecode_and_shows_the_real_path(tmp_path: Path) -> None:
    made = compile_wheel(write_wheel(tmp_path), version=VERSION, interpreter=HERE, folder=tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / made.sha256[:16] / made.filename) as archive:
        archive.extractall(tmp_path / "there")
    # Whoever imports it takes the bytecode as it is: what the source says by now is not looked at.
    (tmp_path / "there" / "beside.py").write_text("1 / 0\n")
    code = "import beside; print(beside.VALUE, beside.pack.find.__code__.co_filename)"
    done = subprocess.run(
        [HERE, "-B", "-c", code], cwd=tmp_path / "there", env={}, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"True {tmp_path / 'there' / 'pack' / '__init__.py'}\n"


# Patch levels differ where a compiler's mistake was mended; what is compiled here holds nothing of that.
@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_the_same_everywhere(version: str, tmp_path: Path) -> None:
    try:
        pythons = interpreters(version)
    except EnvironmentBuildError:
        pytest.skip(f"no Python {version} on this machine")
    wheel = write_wheel(tmp_path)
    made = {
        compile_wheel(wheel, version=version, interpreter=python, folder=tmp_path / str(number))
        for number, python in enumerate(pythons * 3)
    }
    assert len(made) == 1


def test_what_the_compiler_has_imported_makes_no_difference(tmp_path: Path) -> None:
    # marshal's later versions mark objects that somebody else refers to, such as names of modules that are loaded.
    results = set()
    for number, imports in enumerate(("", "import decimal, json, xml.dom.minidom")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "mine.py").write_text("import decimal, json\n\ndef getcontext(minidom, dumps):\n    return json\n")
        run = f"runpy.run_path({str(BYTECODE)!r}, run_name='__main__')"
        code = f"{imports}\nimport runpy, sys\nsys.argv[1:] = [{str(folder)!r}]\n{run}"
        subprocess.run([HERE, "-c", code], env={"PYTHONHASHSEED": "0"}, check=True)
        (compiled,) = folder.rglob("*.pyc")
        results.add(compiled.read_bytes())
    assert len(results) == 1


def test_settings_of_python_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = write_wheel(tmp_path)
    one = compile_wheel(wheel, version=VERSION, interpreter=HERE, folder=tmp_path / "1")
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    assert compile_wheel(wheel, version=VERSION, interpreter=HERE, folder=tmp_path / "2") == one
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["../mine.py", "/mine.py", "a/../../b.py", "C:mine.py", "a\\b.py", "a//b.py"])
def test_paths_that_leave_the_folder_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SnowbuildError) as caught:
        compile_wheel(damaged(tmp_path, name), version=VERSION, interpreter=HERE, folder=tmp_path / "out")
    assert str(caught.value) == f"bad-1.0-py3-none-any.whl: holds a path that leaves its folder: {name!r}"
    assert not [*(tmp_path / "out").iterdir()]


def test_links_are_refused(tmp_path: Path) -> None:
    wheel = damaged(tmp_path, "link.py", mode=stat.S_IFLNK | 0o777)
    with pytest.raises(SnowbuildError, match=r"^bad-1\.0-py3-none-any\.whl: holds a link: 'link\.py'$"):
        compile_wheel(wheel, version=VERSION, interpreter=HERE, folder=tmp_path / "out")


def test_what_stands_in_the_way_of_bytecode_stays(tmp_path: Path) -> None:
    long = f"pack/{'m' * 250}.py"
    files = {"pack/folder.py/data.txt": "1", "other/__pycache__": "a file", "other/a.py": "A = 1\n", long: "B = 2\n"}
    taken = f"pack/__pycache__/c.{sys.implementation.cache_tag}.pyc/data.txt"
    built = build_wheel("thing", modules={**files, "pack/c.py": "C = 3\n", taken: "2"})
    wheel = tmp_path / built.filename
    wheel.write_bytes(built.content)
    made = compile_wheel(wheel, version=VERSION, interpreter=HERE, folder=tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / made.sha256[:16] / made.filename) as archive:
        assert {name for name in archive.namelist() if ".dist-info/" not in name} == {*files, "pack/c.py", taken}


def test_what_is_no_wheel(tmp_path: Path) -> None:
    wheel = tmp_path / "bad-1.0-py3-none-any.whl"
    wheel.write_bytes(b"PK")
    with pytest.raises(
        SnowbuildError, match=r"^bad-1\.0-py3-none-any\.whl: cannot be unpacked: File is not a zip file"
    ):
        compile_wheel(wheel, version=VERSION, interpreter=HERE, folder=tmp_path / "out")


def test_an_interpreter_that_fails(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho it is broken >&2\nexit 3\n")
    python.chmod(0o755)
    with pytest.raises(EnvironmentBuildError) as caught:
        compile_wheel(write_wheel(tmp_path), version=VERSION, interpreter=python, folder=tmp_path / "out")
    assert str(caught.value) == f"thing-1.0-py3-none-any.whl: {python} cannot compile it: it is broken"


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(FileExistsError):
        compile_wheel(write_wheel(tmp_path), version=VERSION, interpreter=HERE, folder=tmp_path / "out")


def test_names() -> None:
    assert archive_name("a_b-1.0-py3-none-any.whl", "3.13") == "a_b-1.0-py3-none-any.cp313.zip"


def damaged(folder: Path, name: str, mode: int = stat.S_IFREG | 0o644) -> Path:
    """A wheel with one file, of any name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo(name)
        member.filename = name
        member.external_attr = mode << 16
        archive.writestr(member, "VALUE = 1\n")
    wheel = folder / "bad-1.0-py3-none-any.whl"
    wheel.write_bytes(buffer.getvalue())
    return wheel
