"""The loader, in processes of its own: many at once, killed ones, wrong files."""

from __future__ import annotations

import os
import re
import signal
import stat
import sys
import time
import zipfile
from typing import TYPE_CHECKING

import pytest

from snowbuild.digest import sha256_bytes, sha256_file
from tests.render.support import loader_text, run, start, zipped

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

CORE, TABULAR = "autogluon.core-1.5.0-py3-none-any.whl", "autogluon.tabular-1.5.0-py3-none-any.whl"


@pytest.fixture
def imports(tmp_path: Path) -> Path:
    """An import directory that holds the loader."""
    folder = tmp_path / "the imports"
    folder.mkdir()
    (folder / "snowbuild_loader.py").write_bytes(loader_text())
    return folder


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """An empty temporary directory."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


@pytest.fixture
def namespace(imports: Path) -> str:
    """Code that activates two wheels which share the namespace `autogluon`, as the real ones do."""
    core = zipped(imports / CORE, {"autogluon/core/__init__.py": "NAME = 'core'", "autogluon/core/data.txt": "1"})
    tabular = zipped(imports / TABULAR, {"autogluon/tabular/__init__.py": "from autogluon.core import NAME"})
    return f"import snowbuild_loader as loader\nloader.activate((({CORE!r}, {core!r}), ({TABULAR!r}, {tabular!r})))\n"


def unpack(*parts: tuple[str, str]) -> str:
    """Code that unpacks files, each a name and its digest, and prints the folder."""
    return f"import snowbuild_loader as loader\nprint(loader.unpack({parts!r}))"


def folder_name(*sha256: str) -> str:
    """What the loader calls the folder of these digests."""
    return sha256_bytes("".join(sha256).encode())[:32]


def home(temporary: Path) -> Path:
    """Where the loader keeps what it unpacked."""
    (folder,) = temporary.glob("snowbuild-*")
    return folder


def unpacked(temporary: Path) -> list[str]:
    """The folders that are complete."""
    return sorted(path.name for path in home(temporary).iterdir() if path.is_dir() and path.suffix != ".part")


def test_wheels_share_a_namespace_and_come_first(imports: Path, temporary: Path, namespace: str) -> None:
    code = namespace * 2 + "import sys, autogluon.tabular as t\nprint(t.NAME, len(sys.path) - len(set(sys.path)))"
    assert run(imports, temporary, code) == "core 0"
    path = run(imports, temporary, namespace + "print(*sys.path[:2], sep='\\n')").splitlines()
    assert [entry.rpartition(os.sep)[2] for entry in path] == [
        folder_name(sha256_file(imports / CORE)),
        folder_name(sha256_file(imports / TABULAR)),
    ]


def test_a_namespace_that_was_imported_before_grows(imports: Path, temporary: Path, namespace: str) -> None:
    early = imports / "autogluon" / "early"
    early.mkdir(parents=True)
    (early / "__init__.py").touch()
    code = "import autogluon.early\n" + namespace + "import autogluon.tabular as t\nprint(t.NAME)"
    assert run(imports, temporary, code) == "core"


def test_many_processes_at_once(imports: Path, temporary: Path, namespace: str) -> None:
    code = namespace + (
        "import os, autogluon.tabular as t\nprint(t.NAME, os.stat(sys.path[0]).st_ino, os.stat(sys.path[1]).st_ino)"
    )
    processes = [start(imports, temporary, code) for _ in range(8)]
    answers = [process.communicate(timeout=120) for process in processes]
    assert [err for _, err in answers] == [""] * 8
    # Everybody uses the very same folders.
    assert len({out for out, _ in answers}) == 1
    assert answers[0][0].startswith("core ")
    assert len(unpacked(temporary)) == 2
    assert not list(home(temporary).glob("*.part"))


def test_many_threads_at_once(imports: Path, temporary: Path, namespace: str) -> None:
    code = (
        "import threading\n"
        f"code = {namespace!r} + 'import autogluon.tabular'\n"
        "errors = []\n"
        "def work():\n"
        "    try: exec(code, {})\n"
        "    except BaseException as error: errors.append(error)\n"
        "threads = [threading.Thread(target=work) for _ in range(16)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "print(errors, sum('snowbuild-' in entry for entry in sys.path))"
    )
    assert run(imports, temporary, code) == "[] 2"


def test_a_killed_process_leaves_nothing_that_is_used(imports: Path, temporary: Path) -> None:
    sha256 = zipped(imports / "big.zip", {f"file{number}": "x" * 1000 for number in range(4000)})
    process = start(imports, temporary, unpack(("big.zip", sha256)))
    deadline = time.monotonic() + 60
    while not list(temporary.glob("snowbuild-*/*.part/file9*")) and time.monotonic() < deadline:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(list(home(temporary).glob("*.part"))) == 1
    assert unpacked(temporary) == []
    folder = run(imports, temporary, unpack(("big.zip", sha256)))
    assert len(os.listdir(folder)) == 4000  # noqa: PTH208  The folder came as text.
    assert unpacked(temporary) == [folder_name(sha256)]
    assert not list(home(temporary).glob("*.part"))


def test_processes_wait_for_one_that_is_killed(imports: Path, temporary: Path) -> None:
    sha256 = zipped(imports / "big.zip", {f"file{number}": "x" * 1000 for number in range(4000)})
    first, *others = [start(imports, temporary, unpack(("big.zip", sha256))) for _ in range(3)]
    first.kill()
    first.communicate()
    answers = [process.communicate(timeout=120) for process in others]
    assert [err for _, err in answers] == ["", ""]
    assert len({out for out, _ in answers}) == 1
    assert unpacked(temporary) == [folder_name(sha256)]


def test_what_was_unpacked_is_not_unpacked_again(imports: Path, temporary: Path) -> None:
    sha256 = zipped(imports / "m.zip", {"file": "1"})
    folder = run(imports, temporary, unpack(("m.zip", sha256)))
    (imports / "m.zip").unlink()
    assert run(imports, temporary, unpack(("m.zip", sha256))) == folder


def parts(imports: Path, count: int = 3, files: int = 400) -> tuple[tuple[str, str], ...]:
    """Archives of one model, each with a folder of its own."""
    names = [f"m.{number}.zip" for number in range(count)]
    content = "x" * 1000
    return tuple((name, zipped(imports / name, {f"{name}/{n}": content for n in range(files)})) for name in names)


def test_archives_become_one_folder(imports: Path, temporary: Path) -> None:
    archives = parts(imports)
    folder = run(imports, temporary, unpack(*archives))
    assert sorted(os.listdir(folder)) == ["m.0.zip", "m.1.zip", "m.2.zip"]  # noqa: PTH208  The folder came as text.
    assert unpacked(temporary) == [folder_name(*(sha256 for _, sha256 in archives))]
    # Another set of archives is another folder.
    assert run(imports, temporary, unpack(*archives[1:])) != folder


def test_processes_with_threads_of_which_one_is_killed_half_way(imports: Path, temporary: Path) -> None:
    archives = parts(imports, files=1500)
    code = (
        "import os, threading, snowbuild_loader as loader\n"
        "folders = []\n"
        f"work = lambda: folders.append(loader.unpack({archives!r}))\n"
        "threads = [threading.Thread(target=work) for _ in range(4)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "print(len(folders), *set(folders), sum(len(names) for _, _, names in os.walk(folders[0])))"
    )
    first = start(imports, temporary, code)
    deadline = time.monotonic() + 60
    while not list(temporary.glob("snowbuild-*/*.part/m.1.zip/*")) and time.monotonic() < deadline:
        time.sleep(0.001)
    others = [start(imports, temporary, code) for _ in range(3)]
    first.kill()
    first.communicate()
    answers = [process.communicate(timeout=120) for process in others]
    assert [err for _, err in answers] == ["", "", ""]
    folder = home(temporary) / folder_name(*(sha256 for _, sha256 in archives))
    assert {out for out, _ in answers} == {f"4 {folder} 4500\n"}
    assert not list(home(temporary).glob("*.part"))


def test_in_the_background(imports: Path, temporary: Path) -> None:
    archives = parts(imports)
    code = f"import snowbuild_loader as loader\nloader.prefetch({archives!r})\n" + unpack(*archives)
    folder = run(imports, temporary, code)
    assert unpacked(temporary) == [folder.rpartition(os.sep)[2]]


def test_what_fails_in_the_background_fails_in_front(imports: Path, temporary: Path) -> None:
    missing = ("m.zip", "0" * 64)
    code = f"import snowbuild_loader as loader\nloader.prefetch(({missing!r},))\n" + unpack(missing)
    assert failure(run(imports, temporary, code)) == "m.zip: not among the imports of the function"


def test_one_corrupt_archive_of_several(imports: Path, temporary: Path) -> None:
    archives = parts(imports)
    data = bytearray((imports / "m.1.zip").read_bytes())
    data[len(data) // 2] ^= 1
    (imports / "m.1.zip").write_bytes(data)
    text = failure(run(imports, temporary, unpack(*archives)))
    assert text == (
        "m.1.zip: the digest differs\n"
        f"  expected  sha256:{archives[1][1]}\n"
        f"  actual    sha256:{sha256_file(imports / 'm.1.zip')}"
    )
    assert unpacked(temporary) == []
    assert not list(home(temporary).glob("*.part"))


def test_an_archive_that_was_cut_off(imports: Path, temporary: Path) -> None:
    archives = parts(imports)
    data = (imports / "m.2.zip").read_bytes()
    (imports / "m.2.zip").write_bytes(data[: len(data) // 2])
    text = failure(run(imports, temporary, unpack(*archives)))
    assert text.startswith("m.2.zip: the digest differs\n")
    assert unpacked(temporary) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_a_disk_that_is_full(imports: Path, temporary: Path) -> None:
    big = zipped(imports / "big.zip", {"a": "x", "b": "x" * 100_000})
    small = zipped(imports / "small.zip", {"c": "x"})
    # A limit on the size of files stands in for the end of the disk: a write fails half way.
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))\n"
    archives = (("small.zip", small), ("big.zip", big))
    text = failure(run(imports, temporary, limit + unpack(*archives)))
    assert text == "big.zip: cannot be unpacked: [Errno 27] File too large"
    assert unpacked(temporary) == []
    assert not list(home(temporary).glob("*.part"))
    # Once there is room, all is well.
    folder = run(imports, temporary, unpack(*archives))
    assert sorted(os.listdir(folder)) == ["a", "b", "c"]  # noqa: PTH208  The folder came as text.


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_what_is_there_is_used_where_nothing_can_be_written(imports: Path, temporary: Path) -> None:
    parts = (("m.zip", zipped(imports / "m.zip", {"file": "1"})),)
    folder = run(imports, temporary, unpack(*parts))
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))\n"
    assert run(imports, temporary, limit + unpack(*parts)) == folder
    other = (("n.zip", zipped(imports / "n.zip", {"file": "2"})),)
    text = failure(run(imports, temporary, limit + unpack(*other)))
    assert text == "n.zip: cannot be unpacked: [Errno 27] File too large"


def test_files_that_somebody_removes_meanwhile(imports: Path, temporary: Path) -> None:
    (archive,) = parts(imports, count=1, files=9)
    code = (
        "import os, snowbuild_loader as loader\n"
        "extract = loader._extract\n"
        "def removing(archive, member, folder, filename):\n"
        "    path = extract(archive, member, folder, filename)\n"
        "    if member.filename.endswith('/5'): os.unlink(os.path.join(os.path.dirname(path), '1'))\n"
        "    return path\n"
        "loader._extract = removing\n"
    )
    text = failure(run(imports, temporary, code + unpack(archive)))
    assert text == "m.0.zip: 1 was removed while it was unpacked"
    assert unpacked(temporary) == []
    folder = run(imports, temporary, unpack(archive))
    assert len(os.listdir(os.path.join(folder, "m.0.zip"))) == 9  # noqa: PTH208, PTH118  The folder came as text.


def test_nobody_sweeps_what_is_unpacked_without_a_lock(imports: Path, temporary: Path) -> None:
    (archive,) = parts(imports, count=1, files=9)
    code = (
        "import os, snowbuild_loader as loader\n"
        "extract = loader._extract\n"
        "def unlockable(*_): raise OSError('no locks available')\n"
        "loader.fcntl.lockf = unlockable\n"
        "def sweeping(archive, member, folder, filename):\n"
        "    loader._sweep(folder.partition('.')[0] if '.' in os.path.basename(folder) else folder)\n"
        "    return extract(archive, member, folder, filename)\n"
        "loader._extract = sweeping\n"
    )
    folder = run(imports, temporary, code + unpack(archive))
    assert len(os.listdir(os.path.join(folder, "m.0.zip"))) == 9  # noqa: PTH208, PTH118  The folder came as text.
    assert not list(home(temporary).glob("*part"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_fork_while_something_is_unpacked_in_the_background(imports: Path, temporary: Path) -> None:
    big = parts(imports, files=3000)
    small = ("s.zip", zipped(imports / "s.zip", {"file": "1"}))
    code = (
        "import os, signal, threading, snowbuild_loader as loader\n"
        "begun = threading.Event()\n"
        "extract = loader._extract\n"
        "def telling(*arguments):\n"
        "    begun.set()\n"
        "    return extract(*arguments)\n"
        "loader._extract = telling\n"
        f"loader.prefetch({big!r})\n"
        "begun.wait()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    signal.alarm(60)\n"
        f"    loader.unpack(({small!r},))\n"
        "    os._exit(0)\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    assert run(imports, temporary, code) == "0"


def test_without_threads_nothing_is_done_in_the_background(imports: Path, temporary: Path) -> None:
    archives = parts(imports)
    code = (
        "import threading, snowbuild_loader as loader\n"
        'def refuse(self): raise RuntimeError("can\'t start new thread")\n'
        "threading.Thread.start = refuse\n"
        f"loader.prefetch({archives!r})\n"
    )
    folder = run(imports, temporary, code + unpack(*archives))
    assert unpacked(temporary) == [folder.rpartition(os.sep)[2]]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_no_room_for_a_folder(imports: Path, temporary: Path) -> None:
    archives = parts(imports, count=2)
    # No more open files than there are already: not even the lock can be had.
    limit = "import resource, zipfile\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\n"
    code = "import snowbuild_loader as loader\nloader._home()\n" + limit + unpack(*archives)
    text = failure(run(imports, temporary, code))
    lock = home(temporary) / f"{folder_name(*(sha256 for _, sha256 in archives))}.lock"
    assert text == (f"m.0.zip, m.1.zip: cannot be unpacked: [Errno 24] Too many open files: '{lock}'")


def test_without_locks_the_first_wins(imports: Path, temporary: Path) -> None:
    sha256 = zipped(imports / "big.zip", {f"file{number}": "x" * 1000 for number in range(500)})
    code = "import sys\nsys.modules['fcntl'] = None\n" + unpack(("big.zip", sha256))
    processes = [start(imports, temporary, code) for _ in range(4)]
    answers = [process.communicate(timeout=120) for process in processes]
    assert [err for _, err in answers] == [""] * 4
    assert unpacked(temporary) == [folder_name(sha256)]
    assert not list(home(temporary).glob("*.part"))


def failure(text: str) -> str:
    """The error of a traceback, with its message."""
    return re.split(r"^\S*LoadError: ", text, flags=re.MULTILINE)[-1]


def test_a_missing_file(imports: Path, temporary: Path) -> None:
    text = run(imports, temporary, unpack(("m.zip", "0" * 64)))
    assert failure(text) == "m.zip: not among the imports of the function"


def test_another_file_of_that_name(imports: Path, temporary: Path) -> None:
    sha256 = zipped(imports / "m.zip", {"file": "1"})
    text = run(imports, temporary, unpack(("m.zip", "0" * 64)))
    assert failure(text) == (f"m.zip: the digest differs\n  expected  sha256:{'0' * 64}\n  actual    sha256:{sha256}")
    assert unpacked(temporary) == []
    assert not list(home(temporary).glob("*.part"))


def test_a_file_that_is_no_zip(imports: Path, temporary: Path) -> None:
    (imports / "m.zip").write_bytes(b"not a zip")
    text = run(imports, temporary, unpack(("m.zip", sha256_file(imports / "m.zip"))))
    assert failure(text) == "m.zip: cannot be unpacked: File is not a zip file"


def test_a_zip_whose_content_rots(imports: Path, temporary: Path) -> None:
    zipped(imports / "m.zip", {"file": "a rather recognizable content"})
    data = (imports / "m.zip").read_bytes().replace(b"recognizable", b"recognisable")
    (imports / "m.zip").write_bytes(data)
    text = run(imports, temporary, unpack(("m.zip", sha256_file(imports / "m.zip"))))
    assert failure(text) == "m.zip: cannot be unpacked: Bad CRC-32 for file 'file'"
    assert unpacked(temporary) == []


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/evil", "a\\..\\evil", "C:/evil", "a//evil", "./evil"])
def test_paths_that_leave_the_folder(imports: Path, temporary: Path, name: str) -> None:
    with zipfile.ZipFile(imports / "m.zip", "w") as archive:
        archive.writestr("good", "1")
        archive.writestr(name, "evil")
    text = run(imports, temporary, unpack(("m.zip", sha256_file(imports / "m.zip"))))
    assert failure(text) == f"m.zip: holds a path that leaves its folder: {name!r}"
    assert not list(temporary.rglob("evil"))
    assert unpacked(temporary) == []


def test_links(imports: Path, temporary: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(imports / "m.zip", "w") as archive:
        archive.writestr(link, "..")
    text = run(imports, temporary, unpack(("m.zip", sha256_file(imports / "m.zip"))))
    assert failure(text) == "m.zip: holds a link: 'link'"


def test_data_of_wheels_goes_where_an_installer_puts_it(imports: Path, temporary: Path) -> None:
    files = {"a/__init__.py": "", "a-1.data/purelib/a/pure.py": "X = 1", "a-1.data/platlib/b.py": "Y = 2"}
    sha256 = zipped(imports / "a-1-py3-none-any.whl", files)
    code = f"import snowbuild_loader as loader\nloader.activate((('a-1-py3-none-any.whl', {sha256!r}),))\n"
    code += "import a.pure, b\nprint(a.pure.X, b.Y)"
    assert run(imports, temporary, code) == "1 2"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="there are no such modes")
@pytest.mark.parametrize("trap", ["link", "writable", "file"])
def test_a_folder_that_others_prepared(imports: Path, temporary: Path, trap: str) -> None:
    sha256 = zipped(imports / "m.zip", {"file": "1"})
    folder = temporary / f"snowbuild-{os.getuid()}"
    match trap:
        case "link":
            folder.symlink_to(imports)
        case "writable":
            folder.mkdir()
            folder.chmod(0o777)
        case "file":
            folder.touch()
    text = run(imports, temporary, unpack(("m.zip", sha256)))
    assert failure(text) == f"{folder}: belongs to somebody else, or others may write to it"


def test_outside_of_snowflake(imports: Path, temporary: Path) -> None:
    code = "del sys._xoptions['snowflake_import_directory']\n" + unpack(("m.zip", "0" * 64))
    assert failure(run(imports, temporary, code)) == "no import directory: not started by Snowflake"
