"""Compiled code in wheels, whatever its files are called."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pip._internal.network.session import PipSession

from snowbuild.config import NativeWheels
from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.archives import Archives, BadWheelError, UnsafeWheelError, compiled_code_in
from snowbuild.resolve.child.remote import Remote
from tests.resolve.index import Index, build_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.resolve.conftest import Resolve

ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 57
MACH_O = b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + b"\0" * 24
UNIVERSAL = b"\xca\xfe\xba\xbe" + struct.pack(">I", 2) + b"\0" * 40
JAVA = b"\xca\xfe\xba\xbe" + struct.pack(">HH", 0, 52) + b"\0" * 40
PE = b"MZ" + b"\0" * 58 + struct.pack("<I", 128) + b"\0" * 64 + b"PE\0\0" + b"\0" * 20
DOS = b"MZ" + b"\0" * 58 + struct.pack("<I", 128) + b"\0" * 100
NOISE = random.Random(0).randbytes(600_000)  # noqa: S311  # No secret.


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (ELF, "ELF"),
        (MACH_O, "Mach-O"),
        (MACH_O[3::-1] + MACH_O[4:], "Mach-O"),
        (UNIVERSAL, "Mach-O"),
        (PE, "PE"),
        (JAVA, None),
        (DOS, None),
        (b"MZ is how this text begins, and it is long enough to hold a whole header of DOS", None),
        (b"\x7fEL", None),
        (b"", None),
        (b"import ctypes\n", None),
    ],
)
@pytest.mark.parametrize("path", ["app/_fast.so", "app/data/weights.bin", "app/notes.txt", "app/module.py"])
def test_the_content_counts_and_not_the_name(path: str, content: bytes, found: str | None) -> None:
    wheel = build_wheel("app", modules={path: content, "app/__init__.py": ""})

    compiled = compiled_code_in(wheel.content)

    assert (compiled and str(compiled)) == (found and f"{path}, {found}")


@given(st.binary(max_size=200))
def test_damaged_wheels_are_told(noise: bytes) -> None:
    with pytest.raises(BadWheelError):
        compiled_code_in(noise)


@pytest.fixture
def remote() -> Remote:
    return Remote(PipSession(retries=0), pause_s=0.001)


@pytest.mark.integration
@pytest.mark.parametrize("hidden", [True, False])
def test_of_a_large_wheel_only_the_beginnings_of_its_files_are_fetched(hidden: bool, remote: Remote) -> None:
    files = {f"app/{n}.bin": NOISE for n in range(4)} | {"app/5.bin": (ELF if hidden else b"text") + NOISE}
    wheel = build_wheel("app", modules=files)
    with Index() as index:
        index.add(wheel)
        found = Archives(remote).compiled_code(index.file_url(wheel), wheel.sha256)
        sent = sum(_length(line, len(wheel.content)) for line in index.log)

    assert (found and str(found)) == ("app/5.bin, ELF" if hidden else None)
    assert sent < 0.1 * len(wheel.content)


@pytest.mark.integration
@pytest.mark.parametrize("ranges", [True, False])
def test_a_small_wheel_is_fetched_whole(ranges: bool, remote: Remote) -> None:
    wheel = build_wheel("app", modules={f"app/{n:03}.bin": NOISE[:5000] for n in range(60)} | {"app/z": MACH_O})
    with Index(ranges=ranges) as index:
        index.add(wheel)
        found = Archives(remote).compiled_code(index.file_url(wheel), wheel.sha256)
        assert len(index.log) == (2 if ranges else 1)

    assert str(found) == "app/z, Mach-O"


@pytest.mark.integration
def test_a_wheel_with_another_digest_is_not_looked_into(remote: Remote) -> None:
    wheel = build_wheel("app")
    with Index(ranges=False) as index:
        index.add(wheel)
        with pytest.raises(BadWheelError, match="its digest is sha256:"):
            Archives(remote).compiled_code(index.file_url(wheel), "0" * 64)


def _length(line: str, size: int) -> int:
    first, _, last = line.partition("bytes=")[2].partition("-")
    if not first:
        return int(last) if last else size
    return int(last) - int(first) + 1


@pytest.mark.integration
def test_compiled_code_behind_a_pure_tag_is_refused(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("app", requires=["helper"]),
        build_wheel("helper", modules={"helper/kernel.dat": ELF}),
        build_wheel("served", modules={"served/kernel.dat": ELF}),
    )

    with pytest.raises(ResolutionError) as caught:
        resolve("app", native=NativeWheels.DENY)

    assert str(caught.value) == (
        "helper 1.0: the wheel helper-1.0-py3-none-any.whl holds compiled code (helper/kernel.dat, ELF) and would go "
        "on the stage; required by app, which is required by snowbuild.toml\n"
        'hint: leave it out with dependencies.exclude = ["helper"]; or let Snowflake install it with packages.service '
        '= "repository"; or set runtime.native-wheels = "allow", and run the functions on a Snowpark-optimized '
        "warehouse (architecture x86)"
    )
    assert {name: d.native for name, d in resolve("app").items()} == {"app": False, "helper": True}


@pytest.mark.integration
def test_only_wheels_for_the_stage_are_looked_into_and_only_once(resolve: Resolve, index: Index) -> None:
    from snowbuild.config import Service

    index.add(
        build_wheel("app", requires=["served", "fast"]),
        build_wheel("served"),
        build_wheel("fast", tag="cp311-cp311-manylinux2014_x86_64"),
    )
    wheels = [line for line in index.log if line.endswith(".whl bytes=-65536")]
    assert wheels == []

    resolve("app", service=Service.REPOSITORY, stage=("app", "fast"))
    first = [line for line in index.log if ".whl " in line]
    index.log.clear()
    resolve("app", service=Service.REPOSITORY, stage=("app", "fast"))

    assert first == ["GET /files/app-1.0-py3-none-any.whl bytes=-65536"]
    assert [line for line in index.log if "/files/" in line] == []


@pytest.mark.integration
def test_local_wheels_are_looked_into(resolve: Resolve, tmp_path: Path) -> None:
    wheel = build_wheel("mine", modules={"mine/library": PE})
    (tmp_path / wheel.filename).write_bytes(wheel.content)

    with pytest.raises(ResolutionError) as caught:
        resolve(f"./{wheel.filename}", native=NativeWheels.DENY)

    assert "(mine/library, PE)" in str(caught.value)


def _zip(name: str, content: bytes, compression: int = zipfile.ZIP_STORED, extra: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("app/__init__.py", "")
        member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        member.compress_type, member.extra = compression, extra
        archive.writestr(member, content)
    return buffer.getvalue()


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("name", ["app/code", "app/größe/コード"])
@pytest.mark.parametrize("extra", [b"", struct.pack("<HH", 0xCAFE, 900) + b"\0" * 900], ids=["plain", "extra"])
def test_it_is_found_however_it_is_packed(compression: int, name: str, extra: bytes) -> None:
    found = {
        content: compiled_code_in(_zip(name, content + NOISE[:9000], compression, extra)) for content in (ELF, PE, JAVA)
    }

    assert {content: compiled and str(compiled) for content, compiled in found.items()} == {
        ELF: f"{name}, ELF",
        PE: f"{name}, PE",
        JAVA: None,
    }


def test_a_name_in_code_page_437_is_no_hiding_place() -> None:
    # zipfile writes names that are not ASCII as UTF-8 and says so in a flag; without it they are in code page 437.
    wheel = bytearray(_zip("app/\u00fc", ELF))
    local, central = wheel.index(b"PK\3\4", 1), wheel.rindex(b"PK\1\2")
    wheel[local + 7] &= ~8
    wheel[central + 9] &= ~8

    compiled = compiled_code_in(bytes(wheel))

    called = "\u00fc".encode().decode("cp437")
    assert str(compiled) == f"app/{called}, ELF"


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"app/code", b"app/none"), (b"PK\3\4", b"PK\3\5")],
    ids=["called otherwise", "no header"],
)
def test_a_member_that_its_own_header_denies_is_damage(old: bytes, new: bytes) -> None:
    whole = _zip("app/code", b"text" * 100)
    start = whole.index(b"PK\3\4", 1)

    with pytest.raises(BadWheelError):
        compiled_code_in(whole[:start] + whole[start:].replace(old, new, 1))


def test_an_encrypted_member_is_refused() -> None:
    wheel = bytearray(_zip("app/code", b"text" * 100))
    wheel[wheel.rindex(b"PK\1\2") + 8] |= 1

    with pytest.raises(UnsafeWheelError, match=r"^holds an encrypted file: 'app/code'$"):
        compiled_code_in(bytes(wheel))
