"""A wheel → an archive of what it installs, with bytecode beside the sources.

The archive depends only on the wheel and on the compiler of the runtime's Python. Patch levels of Python compile nearly
everything to the same bytes; where they do not, the locked digest reveals it.
"""

from __future__ import annotations

import lzma
import os
import shutil
import subprocess
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from snowbuild.distribution import BytecodeArchive
from snowbuild.environments.scripts import BYTECODE
from snowbuild.errors import EnvironmentBuildError, SnowbuildError
from snowbuild.files.archive import pack
from snowbuild.files.tree import scan
from snowbuild.wheels.members import installed, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

# Any other variable may change what Python does. On Windows, Python does not start without SYSTEMROOT.
KEPT = ("SYSTEMROOT",)


def archive_name(wheel: str, version: str) -> str:
    """The file name of a wheel's archive: `a-1.0-py3-none-any.whl`, "3.11" → `a-1.0-py3-none-any.cp311.zip`."""
    return f"{wheel.removesuffix('.whl')}.cp{version.replace('.', '')}.zip"


def compile_wheel(wheel: Path, *, version: str, interpreter: Path, folder: Path) -> BytecodeArchive:
    """Compile a wheel; its archive is `folder/<first digits of its digest>/<file name>` afterwards.

    Args:
        wheel: A file whose digest was verified.
        version: The runtime's Python, such as "3.11".
        interpreter: A Python of that version.
        folder: Made when needed.

    Raises:
        SnowbuildError: it is not a wheel, or a member would leave the folder.
        EnvironmentBuildError: the interpreter failed.
        OSError: `folder` cannot be written.
    """
    filename = archive_name(wheel.name, version)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as temporary:
        content = Path(temporary, "content")
        _install(wheel, content)
        _compile(content, interpreter, wheel.name)
        packed = pack(scan(content), Path(temporary), where=wheel.name)
        made = Path(temporary, f"{packed.sha256}.zip")
        place = folder / packed.sha256[:16] / filename
        place.parent.mkdir(exist_ok=True)
        made.replace(place)
    return BytecodeArchive(filename=filename, size=packed.size, sha256=packed.sha256)


def _install(wheel: Path, folder: Path) -> None:
    """Lay out a wheel's files as on sys.path (PEP 427)."""
    folder.mkdir()
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member, path in _files(archive, wheel.name):
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("wb") as written:
                    shutil.copyfileobj(source, written)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, ValueError, RuntimeError) as exc:
        raise SnowbuildError(f"cannot be unpacked: {exc}", where=wheel.name) from exc


def _files(archive: zipfile.ZipFile, label: str) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    if (wrong := unsafe(archive.infolist())) is not None:
        raise SnowbuildError(wrong, where=label)
    for member in archive.infolist():
        path = installed(member.filename)
        # Scripts, headers and data are installed elsewhere and never imported.
        elsewhere = path == member.filename and path.partition("/")[0].endswith(".data")
        if not member.is_dir() and not elsewhere:
            yield member, PurePosixPath(path)


def _compile(folder: Path, interpreter: Path, label: str) -> None:
    done = subprocess.run(
        [interpreter, "-s", "-S", "-B", "-W", "ignore", BYTECODE, folder],
        env={"PYTHONHASHSEED": "0", **{name: os.environ[name] for name in KEPT if name in os.environ}},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=folder,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it exited without any output"]
        raise EnvironmentBuildError(f"{interpreter} cannot compile it: {lines[-1]}", where=label)
