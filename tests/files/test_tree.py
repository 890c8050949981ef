"""The digest of a tree depends on names and contents alone."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.digest import sha256_bytes
from snowbuild.errors import TreeError
from snowbuild.files.tree import scan, tree_sha256

NAMES = st.text("abcxyzé ._-", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
TREES = st.dictionaries(NAMES, st.binary(max_size=20) | st.dictionaries(NAMES, st.binary(max_size=5), max_size=3))
Files = dict[str, bytes | dict[str, bytes]]


def grow(folder: Path, files: Files, seed: int = 1) -> Path:
    """Write files in some order, with some times and modes."""
    order = random.Random(seed)  # noqa: S311  Nothing here is a secret.
    folder.mkdir()
    for name, content in order.sample(sorted(files.items(), key=lambda item: item[0]), len(files)):
        path = folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
            path.chmod(order.choice((0o600, 0o644, 0o755)))
        else:
            grow(path, dict(content), seed)
        os.utime(path, ns=(order.randrange(10**18), order.randrange(10**18)))
    return folder


def test_digest_of_a_tree_is_the_same_everywhere(tmp_path: Path) -> None:
    tree = grow(tmp_path / "t", {"b": b"2", "a": {"é": b"1"}, "empty": {}})
    assert [entry.name for entry in scan(tree).entries] == ["a/é", "b", "empty/"]
    assert scan(tree).sha256() == "2f9879b650498df63fbec7cc0704c75894255a5ad087e5475d0467241534f0bc"


@given(files=TREES, seed=st.integers())
def test_neither_order_nor_times_nor_modes_matter(files: Files, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        one = grow(Path(folder) / "one", files, seed)
        other = grow(Path(folder) / "other", files, seed + 1)
        assert scan(one).sha256() == scan(other).sha256()


@given(one=TREES, other=TREES)
def test_trees_that_differ_have_different_digests(one: Files, other: Files) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = grow(Path(folder) / "one", one)
        second = grow(Path(folder) / "other", other)
        assert (scan(first).sha256() == scan(second).sha256()) == (one == other)


@given(st.dictionaries(st.text(max_size=5), st.binary(max_size=3)), st.randoms())
def test_the_order_of_entries_does_not_matter(files: dict[str, bytes], order: random.Random) -> None:
    entries: list[tuple[str, str | None]] = [
        (name.encode("utf-8", "replace").decode(), sha256_bytes(data)) for name, data in files.items()
    ]
    shuffled = order.sample(entries, len(entries))
    assert tree_sha256(entries) == tree_sha256(shuffled)


def test_a_file_is_a_tree_of_one(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"1")
    folder = grow(tmp_path / "folder", {"model.bin": b"1"})
    assert scan(tmp_path / "model.bin").sha256() == scan(folder).sha256()


def test_composed_and_decomposed_names_are_the_same(tmp_path: Path) -> None:
    composed = grow(tmp_path / "1", {"\u00e9": b"1"})
    decomposed = grow(tmp_path / "2", {"e\u0301": b"1"})
    assert scan(composed).sha256() == scan(decomposed).sha256()


def test_composed_beside_decomposed_is_refused(tmp_path: Path) -> None:
    tree = grow(tmp_path / "t", {"\u00e9": {"a": b""}, "e\u0301": {"b": b""}})
    if len(list(tree.iterdir())) == 1:
        pytest.skip("this file system normalizes names itself")
    with pytest.raises(TreeError) as error:
        scan(tree)
    assert str(error.value) == (
        f"{tree}: two names that differ only in how Unicode composes them: 'e\\u0301' and '\\xe9'\n"
        "hint: rename one of them"
    )


def test_names_that_differ_in_case_are_told(tmp_path: Path) -> None:
    tree = grow(tmp_path / "t", {"Model": {"a": b""}, "model": {"b": b""}, "x": b"", "X": b""})
    if len(list(tree.iterdir())) != 4:
        pytest.skip("this file system ignores case")
    assert scan(tree).case_collisions == (("Model", "model"), ("X", "x"))


@pytest.mark.parametrize("target", ["inside", "missing", "../outside", "/outside", "folder"])
def test_links_are_refused(tmp_path: Path, target: str) -> None:
    tree = grow(tmp_path / "t", {"inside": b"1", "folder": {"f": b""}})
    (tree / "link").symlink_to(target)
    with pytest.raises(TreeError) as error:
        scan(tree)
    assert str(error.value) == (
        f"{tree}/link: a link, to {target}; only files and folders are digested and packed\n"
        "hint: put the file or folder itself there"
    )


def test_a_tree_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(TreeError, match="a link, to"):
        scan(tmp_path / "link")


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TreeError) as error:
        scan(tmp_path)
    assert str(error.value) == f"{tmp_path}/pipe: neither a file nor a folder, but a pipe, a socket or a device"


@pytest.mark.skipif(os.name == "nt", reason="such a name is a path there")
@pytest.mark.parametrize(("name", "what"), [("..\\..\\evil", "a backslash"), ("12:30.bin", "a colon")])
@pytest.mark.parametrize("folder", [False, True])
def test_what_would_be_a_path_elsewhere_is_refused(tmp_path: Path, name: str, what: str, folder: bool) -> None:
    if folder:
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).touch()
    with pytest.raises(TreeError) as error:
        scan(tmp_path)
    assert str(error.value) == f"{tmp_path}/{name}: a name with {what}\nhint: rename it"


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    try:
        open(os.path.join(os.fsencode(tmp_path), b"\xff"), "wb").close()  # noqa: PTH118, PTH123  Bytes.
    except OSError:
        pytest.skip("this file system knows UTF-8 only")
    with pytest.raises(TreeError) as error:
        scan(tmp_path)
    assert str(error.value) == f"'{tmp_path}/\\udcff': a name that is not UTF-8\nhint: rename it"


def test_a_missing_tree_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TreeError) as error:
        scan(tmp_path / "nowhere")
    assert str(error.value) == f"{tmp_path}/nowhere: cannot be read: No such file or directory"
