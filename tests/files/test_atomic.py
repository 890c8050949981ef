"""A file is there whole or not at all, and nothing is left beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from snowbuild.files.atomic import finish, unfinished, write_atomically, written_beside

if TYPE_CHECKING:
    from pathlib import Path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"1")
    write_atomically(tmp_path / "file", b"2")
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"2"


def test_what_cannot_be_replaced_leaves_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "folder", b"3")
    assert names(tmp_path) == ["folder"]


def test_a_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "typo" / "file", b"1")
    assert names(tmp_path) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_block_that_fails_changes_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    def fail_half_way() -> None:
        with written_beside(tmp_path / "file") as file:
            file.write(b"half")
            raise error

    write_atomically(tmp_path / "file", b"before")
    with pytest.raises(error):
        fail_half_way()
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"before"


def test_what_is_written_can_be_read_before_it_takes_its_place(tmp_path: Path) -> None:
    with written_beside(tmp_path / "file") as file:
        file.write(b"content")
        file.seek(0)
        assert file.read() == b"content"
        (beside,) = names(tmp_path)
        assert beside.startswith(".")
    assert names(tmp_path) == ["file"]


def test_a_file_may_get_its_name_from_its_content(tmp_path: Path) -> None:
    with unfinished(tmp_path) as (file, beside):
        file.write(b"name")
        file.flush()
        assert names(tmp_path) == [beside.name]
        finish(file, beside, tmp_path / beside.read_text())
    with unfinished(tmp_path) as (file, _):
        file.write(b"never finished")
    assert names(tmp_path) == ["name"]
    assert (tmp_path / "name").read_bytes() == b"name"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("mode", [0o644, 0o600])
def test_a_file_has_the_mode_that_it_is_given(tmp_path: Path, mode: int) -> None:
    write_atomically(tmp_path / "file", b"", mode=mode)
    assert (tmp_path / "file").stat().st_mode & 0o777 == mode
