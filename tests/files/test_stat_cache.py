"""The cache never tells an old digest."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.digest import sha256_bytes
from snowbuild.files.stat_cache import StatCache

SOON_NS = 20_000_000
"""Far more than one tick of a local file system."""


def settle() -> None:
    """Let what was written become older than a tick."""
    time.sleep(3 * SOON_NS / 1e9)


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
