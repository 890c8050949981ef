"""Digests depend on names and contents alone; the cache never tells an old one."""

from __future__ import annotations

import hashlib
import json
import os
import random
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.digest import StatCache, scan, sha256_bytes, sha256_file, tree_sha256
from snowbuild.errors import ModelError

SOON_NS = 20_000_000
"""Far more than one tick of a local file system."""

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


def settle() -> None:
    """Let what was written become older than a tick."""
    time.sleep(3 * SOON_NS / 1e9)


def test_digest_of_bytes() -> None:
    assert sha256_bytes(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_digest_of_a_file_that_does_not_fit_into_one_piece(tmp_path: Path) -> None:
    data = bytes(range(256)) * 12_000
    (tmp_path / "large").write_bytes(data)
    assert sha256_file(tmp_path / "large") == hashlib.sha256(data).hexdigest()


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
    with pytest.raises(ModelError) as error:
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
    with pytest.raises(ModelError) as error:
        scan(tree)
    assert str(error.value) == (
        f"{tree}/link: a link, to {target}; only files and folders are digested and packed\n"
        "hint: put the file itself there"
    )


def test_a_tree_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(ModelError, match="a link, to"):
        scan(tmp_path / "link")


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelError) as error:
        scan(tmp_path)
    assert str(error.value) == f"{tmp_path}/pipe: neither a file nor a folder, but a pipe, a socket or a device"


@pytest.mark.skipif(os.name == "nt", reason="such a name is a path there")
def test_a_backslash_is_refused(tmp_path: Path) -> None:
    (tmp_path / "..\\..\\evil").touch()
    with pytest.raises(ModelError) as error:
        scan(tmp_path)
    assert str(error.value) == f"{tmp_path}/..\\..\\evil: a name with a backslash\nhint: rename it"


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    try:
        open(os.path.join(os.fsencode(tmp_path), b"\xff"), "wb").close()  # noqa: PTH118, PTH123  Bytes.
    except OSError:
        pytest.skip("this file system knows UTF-8 only")
    with pytest.raises(ModelError) as error:
        scan(tmp_path)
    assert str(error.value) == f"'{tmp_path}/\\udcff': a name that is not UTF-8\nhint: rename it"


def test_a_missing_tree_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        scan(tmp_path / "nowhere")
    assert str(error.value) == f"{tmp_path}/nowhere: cannot be read: No such file or directory"


def cache_of(folder: Path) -> StatCache:
    """The cache that the tests use, with short ticks."""
    return StatCache.load(folder / "state" / "digests.json", granularity_ns=SOON_NS)


def forge(cache: Path, sha256: str) -> None:
    """Write another digest into a cache, properly sealed."""
    document = json.loads(cache.read_bytes().partition(b"\n")[2])
    for entry in document["files"].values():
        entry[4] = sha256
    body = json.dumps(document).encode()
    cache.write_bytes(sha256_bytes(body).encode() + b"\n" + body)


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1")
    settle()
    with cache_of(tmp_path) as cache:
        assert cache.sha256(tmp_path / "file") == sha256_bytes(b"1")
    # Only who does not read the file believes the forgery.
    forge(cache.file, "0" * 64)
    assert cache_of(tmp_path).sha256(tmp_path / "file") == "0" * 64


def test_a_file_that_was_just_written_is_not_remembered(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1")
    with StatCache.load(tmp_path / "digests.json") as cache:
        cache.sha256(tmp_path / "file")
    assert not cache.file.exists()


def test_a_time_in_the_future_is_never_trusted(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1")
    os.utime(tmp_path / "file", (2**33, 2**33))
    settle()
    with cache_of(tmp_path) as cache:
        cache.sha256(tmp_path / "file")
    assert not cache.file.exists()


def test_a_change_of_equal_size_and_time_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"1")
    settle()
    with cache_of(tmp_path) as cache:
        cache.sha256(file)
    times = file.stat()
    with file.open("r+b") as opened:
        opened.write(b"2")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert cache_of(tmp_path).sha256(file) == sha256_bytes(b"2")


def test_many_quick_changes_are_all_seen(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for number in range(300):
        with file.open("r+b") as opened:
            opened.write(b"%03d" % number)
        with cache_of(tmp_path) as cache:
            assert cache.sha256(file) == sha256_bytes(b"%03d" % number)


def test_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"1")
    settle()
    with cache_of(tmp_path) as cache:
        cache.sha256(tmp_path / "one")
    (tmp_path / "one").unlink()
    with cache_of(tmp_path) as cache:
        cache.sha256(tmp_path / "two")
    assert list(json.loads(cache.file.read_bytes().partition(b"\n")[2])["files"]) == [str(tmp_path / "two")]


@given(st.data())
def test_a_damaged_cache_is_an_empty_one(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "file").write_bytes(b"1")
        body = json.dumps({"schema": "snowbuild.digests/1", "files": {str(root / "file"): [1, 2, 3, 4, "0" * 64]}})
        good = sha256_bytes(body.encode()).encode() + b"\n" + body.encode()
        at = data.draw(st.integers(0, len(good) - 1))
        damaged = data.draw(
            st.binary() | st.just(good[:at]) | st.just(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        )
        (root / "digests.json").write_bytes(damaged)
        with StatCache.load(root / "digests.json") as cache:
            assert cache.sha256(root / "file") == sha256_bytes(b"1")


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'{"schema":"x"}', b'{"schema":"snowbuild.digests/1","files":{"a":[1,2]}}',
     b'{"schema":"snowbuild.digests/1","files":{"a":["1",2,3,4,"x"]}}', b'{"schema":"snowbuild.digests/1","files":[]}'],
)  # fmt: skip
def test_a_sealed_cache_of_another_form_is_an_empty_one(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "digests.json").write_bytes(sha256_bytes(body).encode() + b"\n" + body)
    with StatCache.load(tmp_path / "digests.json") as cache:
        assert cache.sha256(tmp_path / "file") == sha256_bytes(b"1")


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "state").write_bytes(b"in the way")
    settle()
    with cache_of(tmp_path) as cache:
        assert cache.sha256(tmp_path / "file") == sha256_bytes(b"1")
    assert (tmp_path / "state").read_bytes() == b"in the way"
