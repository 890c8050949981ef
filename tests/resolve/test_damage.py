"""Wheels that are damaged inside, and wheels that nobody could unpack: each is named, and nothing else goes wrong."""

from __future__ import annotations

import io
import stat
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Service
from snowbuild.errors import ResolutionError
from tests.resolve.index import BuiltWheel, Index, build_wheel

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.resolve.conftest import Resolve

pytestmark = pytest.mark.integration

FILENAME = "app-2.0-py3-none-any.whl"
METADATA = "app-2.0.dist-info/METADATA"


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(ResolutionError) as caught:
        call()
    return str(caught.value)


def with_member(name: str, *, mode: int = 0o644, content: str = "") -> BuiltWheel:
    """A wheel of app 2.0 with one more file."""
    wheel = build_wheel("app", "2.0", modules={"app/__init__.py": ""})
    buffer = io.BytesIO(wheel.content)
    with zipfile.ZipFile(buffer, "a") as archive:
        member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        member.external_attr = mode << 16
        archive.writestr(member, content)
    return replace(wheel, content=buffer.getvalue())


def encrypted() -> BuiltWheel:
    wheel = with_member("app/secret.py")
    content = bytearray(wheel.content)
    content[content.rindex(b"PK\1\2") + 8] |= 1
    return replace(wheel, content=bytes(content))


def badly_packed(packed: str) -> BuiltWheel:
    """A wheel with a file whose LZMA data are none."""
    wheel = build_wheel("app", "2.0", modules={"app/table.dat": b"text" * 100})
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.infolist():
            compression = zipfile.ZIP_LZMA if member.filename == packed else zipfile.ZIP_STORED
            new.writestr(zipfile.ZipInfo(member.filename), old.read(member), compression)
    content = bytearray(buffer.getvalue())
    start = content.index(packed.encode()) + len(packed)
    # Behind four bytes of version and length, and five of properties (APPNOTE, 5.8.8); the data begin with a zero.
    content[start + 9] = 0xFF
    return replace(wheel, content=bytes(content))


def badly_called() -> BuiltWheel:
    """A wheel with a name that its flag calls UTF-8."""
    wheel = with_member("app/\u00fc.py")
    return replace(wheel, content=wheel.content.replace("\u00fc".encode(), b"\xff\xff"))


UNSAFE = {
    "above": (with_member("../app.py"), "holds a path that leaves its folder: '../app.py'"),
    "absolute": (with_member("/app.py"), "holds a path that leaves its folder: '/app.py'"),
    "backslash": (with_member("app\\a.py"), r"holds a path that leaves its folder: 'app\\a.py'"),
    "colon": (with_member("C:app.py"), "holds a path that leaves its folder: 'C:app.py'"),
    "link": (with_member("app/a.py", mode=stat.S_IFLNK | 0o777, content="b.py"), "holds a link: 'app/a.py'"),
    "encrypted": (encrypted(), "holds an encrypted file: 'app/secret.py'"),
    "folder": (with_member("app"), "holds a file that is also a folder: 'app'"),
}


@pytest.mark.parametrize(("wheel", "problem"), [UNSAFE["above"], UNSAFE["encrypted"]])
def test_a_wheel_of_an_index_that_nobody_could_unpack(
    resolve: Resolve, index: Index, wheel: BuiltWheel, problem: str
) -> None:
    index.add(build_wheel("app", "1.0"), wheel)

    assert refusal(lambda: resolve("app")) == f"{FILENAME}: {problem}"
    # Nothing of it goes on the stage.
    assert resolve("app", service=Service.REPOSITORY)["app"].version == "2.0"


@pytest.mark.parametrize("ranges", [True, False])
def test_a_large_one(resolve: Resolve, index: Index, ranges: bool) -> None:
    index.ranges = ranges
    index.add(with_member("../big.bin", content="\0" * 600_000))

    assert refusal(lambda: resolve("app")) == f"{FILENAME}: holds a path that leaves its folder: '../big.bin'"
    # Names stand at the end of an archive: nothing else is fetched.
    assert len([line for line in index.log if ".whl " in line or line.endswith(".whl")]) <= (2 if ranges else 1)


@pytest.mark.parametrize(("wheel", "problem"), UNSAFE.values(), ids=UNSAFE.keys())
def test_a_local_wheel_that_nobody_could_unpack(
    resolve: Resolve, tmp_path: Path, wheel: BuiltWheel, problem: str
) -> None:
    (tmp_path / FILENAME).write_bytes(wheel.content)

    assert refusal(lambda: resolve(f"./{FILENAME}")) == f"{FILENAME}: {problem}"


def test_a_wheel_by_url_that_nobody_could_unpack(resolve: Resolve, index: Index) -> None:
    wheel, problem = UNSAFE["link"]
    index.add(wheel)
    url = index.file_url(wheel)

    assert refusal(lambda: resolve(f"app @ {url}")) == f"{url}: {problem}"


def passed_over(reason: str) -> str:
    return (
        "dependencies: no set of versions satisfies the requirements\n"
        "  snowbuild.toml requires app==2.0\n"
        "  app: wheels for Python 3.11 on x86_64 exist for 1.0, 2.0\n"
        f"  app: skipped {FILENAME}: {reason}\n"
        "hint: require app==1.0, the nearest version that resolves"
    )


UNTOLD = {
    "packed": (badly_packed(METADATA), "it is not a zip file: Corrupt input data"),
    "called": (badly_called(), r"a file in it has a name that is not UTF-8: b'app/\xff\xff.py'"),
}


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize(("wheel", "reason"), UNTOLD.values(), ids=UNTOLD.keys())
def test_a_wheel_that_cannot_tell_its_metadata_is_passed_over(
    resolve: Resolve, index: Index, tmp_path: Path, wheel: BuiltWheel, reason: str, ranges: bool
) -> None:
    index.own_metadata, index.ranges = False, ranges
    index.add(build_wheel("app", "1.0"), wheel)
    (tmp_path / FILENAME).write_bytes(wheel.content)

    assert resolve("app")["app"].version == "1.0"
    assert refusal(lambda: resolve("app==2.0")) == passed_over(reason)
    assert refusal(lambda: resolve(f"./{FILENAME}")) == f"{FILENAME}: not a usable wheel: {reason}"


DAMAGED = {
    "packed": (
        badly_packed("app/table.dat"),
        "it is not a zip file: app/table.dat cannot be read: Corrupt input data",
    ),
    "called": UNTOLD["called"],
}


@pytest.mark.parametrize(("wheel", "reason"), DAMAGED.values(), ids=DAMAGED.keys())
def test_a_wheel_for_the_stage_whose_files_cannot_be_read_is_refused(
    resolve: Resolve, index: Index, tmp_path: Path, wheel: BuiltWheel, reason: str
) -> None:
    index.add(wheel)
    (tmp_path / FILENAME).write_bytes(wheel.content)

    assert refusal(lambda: resolve("app")) == f"{FILENAME}: not a usable wheel: {reason}"
    assert refusal(lambda: resolve(f"./{FILENAME}")) == f"{FILENAME}: not a usable wheel: {reason}"


@pytest.mark.parametrize(
    ("required", "shown"),
    [
        ("helper>=1.0.*", "'helper>=1.0.*'"),
        ("helper; os_name ~= 'posix'", "\"helper; os_name ~= 'posix'\""),
        ("helper; 'a' in extras", "\"helper; 'a' in extras\""),
        ("helper\n  ???", r"'helper\n  ???'"),
        ("helper @ https://alice:s3cr3t@there/ ???", "'helper @ https://there/ ???'"),
    ],
)
def test_a_requirement_that_is_none(resolve: Resolve, tmp_path: Path, required: str, shown: str) -> None:
    (tmp_path / FILENAME).write_bytes(build_wheel("app", "2.0", requires=["helper", required]).content)

    assert refusal(lambda: resolve(f"./{FILENAME}")) == (
        f"{FILENAME}: not a usable wheel: its METADATA has an invalid requirement: {shown}"
    )


@pytest.mark.parametrize("own_metadata", [True, False])
def test_a_wheel_with_a_requirement_that_is_none_is_passed_over(
    resolve: Resolve, index: Index, own_metadata: bool
) -> None:
    index.own_metadata = own_metadata
    index.add(build_wheel("app", "1.0"), build_wheel("app", "2.0", requires=["helper", "???"]), build_wheel("helper"))

    assert resolve("app")["app"].version == "1.0"
    assert refusal(lambda: resolve("app==2.0")) == passed_over("its METADATA has an invalid requirement: '???'")


def test_what_an_older_lock_kept_of_it_is_judged_as_well(resolve: Resolve, index: Index, tmp_path: Path) -> None:
    wheel = build_wheel("app", "2.0", requires=["helper"])
    index.add(build_wheel("app", "1.0"), wheel, build_wheel("helper"))
    resolve("app")
    for place in (p for p in (tmp_path / "cache" / "metadata-2").rglob("*") if p.is_file()):
        place.write_bytes(place.read_bytes().replace(b"Requires-Dist: helper", b"Requires-Dist: ???"))

    assert resolve("app")["app"].version == "1.0"
