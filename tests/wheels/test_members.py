"""Members that no wheel may have."""

from __future__ import annotations

import stat
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.wheels.members import unsafe

if TYPE_CHECKING:
    from pathlib import Path


def members(*names: str) -> list[zipfile.ZipInfo]:
    return [zipfile.ZipInfo(name) for name in names]


@pytest.mark.parametrize(
    "name",
    ["../mine.py", "/mine.py", "a/../../b.py", "C:mine.py", "a\\b.py", "a//b.py", "./a.py", "..", "", "a.data/../b.py"],
)
def test_paths_that_leave_the_folder(name: str) -> None:
    assert unsafe(members("app/__init__.py", name)) == f"holds a path that leaves its folder: {name!r}"


def test_the_name_in_the_archive_counts_and_not_what_this_machine_makes_of_it() -> None:
    (member,) = members("app\\a.py")
    member.filename = "app/a.py"  # As on Windows.
    other = zipfile.ZipInfo("app/a.py")
    other.filename = "../a.py"  # As out of an extra field.

    assert unsafe([member]) == "holds a path that leaves its folder: 'app\\\\a.py'"
    assert unsafe([other]) == "holds a path that leaves its folder: '../a.py'"


@pytest.mark.parametrize("name", ["app/link.py", "app/folder/"])
def test_links(name: str) -> None:
    (member,) = members(name)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16

    assert unsafe([member]) == f"holds a link: {name!r}"


@pytest.mark.parametrize("flag", [1, 1 << 6])
def test_encrypted_files(flag: int) -> None:
    (member,) = members("app/secret.py")
    member.flag_bits |= flag

    assert unsafe([member]) == "holds an encrypted file: 'app/secret.py'"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["a", "a/b.py"], "a"),
        (["a/b/c.py", "a/b"], "a/b"),
        (["a/", "a"], "a"),
        (["x-1.0.data/purelib/a", "a/b.py"], "x-1.0.data/purelib/a"),
        (["a", "x-1.0.data/platlib/a/b.py"], "a"),
        (["x-1.0.data/purelib"], "x-1.0.data/purelib"),
    ],
)
def test_files_that_are_also_folders(names: list[str], found: str) -> None:
    assert unsafe(members(*names)) == f"holds a file that is also a folder: {found!r}"


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["app/", "app/__init__.py", "app/__init__.py", "app/größe.py", "..app/...py", ".hidden"],
        ["x-1.0.data/purelib/", "x-1.0.data/purelib/app/a.py", "x-1.0.data/scripts/app", "app/b.py"],
        ["app.py", "app.pyi", "app.py.d/a"],
    ],
)
def test_ordinary_wheels(names: list[str]) -> None:
    assert unsafe(members(*names)) is None


@given(st.lists(st.lists(st.sampled_from(["a", "b", "..", ""]), min_size=1, max_size=3).map("/".join), max_size=5))
def test_what_is_accepted_can_be_unpacked(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    if unsafe(members(*names)) is not None:
        return
    folder: Path = tmp_path_factory.mktemp("unpacked")
    for name in names:
        target = folder / name
        if name.endswith("/"):
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("")
    assert all((folder / name).resolve().is_relative_to(folder.resolve()) for name in names)
