"""The same model gives the same archive; what cannot be packed is refused."""

from __future__ import annotations

import os
import random
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snowbuild.digest import sha256_bytes, sha256_file
from snowbuild.errors import TreeError
from snowbuild.files.archive import pack, write_archive
from snowbuild.files.tree import Entry, scan
from tests.render.support import loader_text

NAMES = st.text("abcé ._-", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
CONTENTS = st.binary(max_size=50) | st.binary(min_size=1, max_size=5).map(lambda piece: piece * 999)
FILES = st.dictionaries(NAMES, CONTENTS, max_size=6)


def write(folder: Path, files: dict[str, bytes], seed: int = 1) -> Path:
    """Write files below a folder of their own each, in some order, with some times and modes."""
    order = random.Random(seed)  # noqa: S311  Nothing here is a secret.
    folder.mkdir()
    for name in order.sample(sorted(files), len(files)):
        path = folder / name / "content"
        path.parent.mkdir()
        path.write_bytes(files[name])
        path.chmod(order.choice((0o600, 0o755)))
        os.utime(path, (order.randrange(2**31), order.randrange(2**31)))
    return folder


def test_the_bytes_are_the_same_everywhere(tmp_path: Path) -> None:
    words = b"".join(b"%d bottles of beer\n" % (number % 97) for number in range(20_000))
    noise = b"".join(bytes.fromhex(sha256_bytes(b"%d" % number)) for number in range(9))
    source = write(tmp_path / "model", {"words": words, "noise": noise, "é": b"", "b": b"b"})
    (source / "empty").mkdir()
    packed = pack(scan(source), tmp_path, where="models.m")
    archive_file = tmp_path / f"{packed.sha256}.zip"
    assert packed.tree_sha256 == scan(source).sha256()
    assert (
        packed.sha256
        == sha256_file(archive_file)
        == ("84ffd63fb3f7e196591d33468ddb78ab3811c3db25d5fc9b0aec5e829bdbdfed")
    )
    assert packed.size == archive_file.stat().st_size
    with zipfile.ZipFile(archive_file) as archive:
        assert [(i.filename, i.compress_type, i.date_time, oct(i.external_attr >> 16)) for i in archive.infolist()] == [
            ("b/content", 0, (1980, 1, 1, 0, 0, 0), "0o100644"),
            ("empty/", 0, (1980, 1, 1, 0, 0, 0), "0o40755"),
            ("noise/content", 0, (1980, 1, 1, 0, 0, 0), "0o100644"),
            ("words/content", 8, (1980, 1, 1, 0, 0, 0), "0o100644"),
            ("é/content", 0, (1980, 1, 1, 0, 0, 0), "0o100644"),
        ]


@settings(max_examples=50)
@given(files=FILES, seed=st.integers())
def test_neither_order_nor_times_nor_modes_matter(files: dict[str, bytes], seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        one = pack(scan(write(root / "1", files, seed)), root / "one", where="models.m")
        other = pack(scan(write(root / "2", files, seed + 1)), root / "other", where="models.m")
        assert one == other
        name = f"{one.sha256}.zip"
        assert (root / "one" / name).read_bytes() == (root / "other" / name).read_bytes()


@settings(max_examples=50)
@given(FILES)
def test_what_goes_in_comes_out(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        packed = pack(scan(write(root / "model", files)), root / "state", where="models.m")
        with zipfile.ZipFile(root / "state" / f"{packed.sha256}.zip") as archive:
            assert archive.testzip() is None
            archive.extractall(root / "again")
            assert {name: archive.read(f"{name}/content") for name in files} == files
        (root / "again").mkdir(exist_ok=True)
        assert scan(root / "again").sha256() == packed.tree_sha256


def test_a_single_file_is_packed_under_its_name(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    packed = pack(scan(tmp_path / "model.bin"), tmp_path / "state", where="models.m")
    with zipfile.ZipFile(tmp_path / "state" / f"{packed.sha256}.zip") as archive:
        assert archive.namelist() == ["model.bin"]
        assert archive.read("model.bin") == b"weights"


def test_more_files_than_16_bits_count(tmp_path: Path) -> None:
    (tmp_path / "one").touch()
    entries = [Entry(name=f"{number:05}", path=tmp_path / "one") for number in range(66_000)]
    with (tmp_path / "m.zip").open("wb") as file:
        write_archive(entries, file)
    with zipfile.ZipFile(tmp_path / "m.zip") as archive:
        assert archive.namelist() == [entry.name for entry in entries]


@pytest.mark.slow
def test_files_larger_than_32_bits_count(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    size = (1 << 32) + 3
    with (tmp_path / "model" / "large").open("wb") as file:
        file.seek(size - 3)
        file.write(b"end")
    (tmp_path / "model" / "small").write_bytes(b"after it")
    packed = pack(scan(tmp_path / "model"), tmp_path / "state", where="models.m")
    assert packed.size > size
    with zipfile.ZipFile(tmp_path / "state" / f"{packed.sha256}.zip") as archive:
        assert archive.testzip() is None
        assert [info.file_size for info in archive.infolist()] == [size, 8]
        assert archive.read("small") == b"after it"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_an_archive_may_be_read_by_others_like_every_artifact(tmp_path: Path) -> None:
    packed = pack(scan(write(tmp_path / "model", {"a": b"1"})), tmp_path / "state", where="models.m")
    assert (tmp_path / "state" / f"{packed.sha256}.zip").stat().st_mode & 0o777 == 0o644


def test_a_name_in_the_way_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    tree = scan(write(tmp_path / "model", {"a": b"1"}))
    packed = pack(tree, tmp_path / "other", where="models.m")
    (tmp_path / "state" / f"{packed.sha256}.zip").mkdir(parents=True)
    with pytest.raises(TreeError, match=r"models\.m: cannot be packed: .*Is a directory"):
        pack(tree, tmp_path / "state", where="models.m")
    assert [path.name for path in (tmp_path / "state").iterdir()] == [f"{packed.sha256}.zip"]


def test_a_state_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    tree = scan(write(tmp_path / "model", {"a": b"1"}))
    (tmp_path / "state").touch()
    with pytest.raises(TreeError, match=r"models\.m: cannot be packed: .*exists"):
        pack(tree, tmp_path / "state", where="models.m")


@pytest.mark.skipif(os.name == "nt", reason="such names cannot be there")
def test_what_can_be_packed_can_be_unpacked_by_the_functions(tmp_path: Path) -> None:
    loader: dict[str, Any] = {}
    exec(compile(loader_text(), "loader", "exec"), loader)  # noqa: S102  Our own template.
    for number, character in enumerate(map(chr, [*range(1, 127), 0xE9, 0x2028])):
        name = f"a{character}b"
        folder = tmp_path / str(number)
        if character == "/":
            continue
        (folder / "source" / name).mkdir(parents=True)
        (folder / "source" / name / name).write_bytes(b"1")
        entry = Entry(name=f"{name}/{name}", path=folder / "source" / name / name)
        with (folder / "m.zip").open("wb") as file:
            write_archive([entry], file)
        refused = []
        for step in (lambda f=folder: scan(f / "source"), lambda f=folder: unpack(loader, f / "m.zip", f / "out")):
            try:
                step()
            except (TreeError, loader["LoadError"]) as error:
                refused.append(type(error).__name__)
        assert refused in ([], ["TreeError", "LoadError"]), name
        assert refused or scan(folder / "out").sha256() == scan(folder / "source").sha256()


def unpack(loader: dict[str, Any], path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            loader["_extract"](archive, member, str(folder), path.name)
