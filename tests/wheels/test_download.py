"""Downloads over connections that break, from hosts that lie."""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING

import pytest

from snowbuild.errors import DigestMismatchError, SnowbuildError
from snowbuild.wheels.download import credentials_for, download
from tests.resolve.index import BuiltWheel, Index, build_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

WHEEL = build_wheel("big", modules={"big.bin": random.Random(0).randbytes(900_000)})  # noqa: S311  # No secret.
PATH = f"/files/{WHEEL.filename}"


@pytest.fixture
def index() -> Iterator[Index]:
    with Index(etags=True) as running:
        yield running.add(WHEEL)


def fetch(
    index: Index, folder: Path, *, wheel: BuiltWheel = WHEEL, index_urls: tuple[str, ...] = (), read_s: float = 30
) -> Path:
    destination = folder / "wheels" / wheel.filename
    url = index.file_url(wheel)
    download(url, destination, sha256=wheel.sha256, index_urls=index_urls, timeout_s=(5, read_s), pause_s=0.001)
    return destination


def test_a_file_comes_whole_and_nothing_lies_beside_it(index: Index, tmp_path: Path) -> None:
    found = fetch(index, tmp_path)

    assert found.read_bytes() == WHEEL.content
    assert list(found.parent.iterdir()) == [found]
    assert index.log == [f"GET {PATH}"]


def test_a_cut_connection_is_taken_up_where_it_broke(index: Index, tmp_path: Path) -> None:
    index.cuts[PATH] = [300_000, 200_000, 0, 100_000]

    assert fetch(index, tmp_path).read_bytes() == WHEEL.content
    assert index.log == [
        f"GET {PATH}",
        f"GET {PATH} bytes=262144-",
        f"GET {PATH} bytes=458752-",
        f"GET {PATH} bytes=458752-",
        f"GET {PATH} bytes=524288-",
    ]


def test_without_ranges_it_begins_again(index: Index, tmp_path: Path) -> None:
    index.ranges = False
    index.cuts[PATH] = [300_000, 200_000]

    assert fetch(index, tmp_path).read_bytes() == WHEEL.content


def test_a_connection_that_always_breaks(index: Index, tmp_path: Path) -> None:
    index.cuts[PATH] = [1000, *[0] * 10]

    with pytest.raises(SnowbuildError) as caught:
        fetch(index, tmp_path)

    assert str(caught.value) == (
        "big-1.0-py3-none-any.whl: cannot be downloaded from 127.0.0.1: the connection kept breaking\n"
        "hint: is the index reachable?"
    )
    assert len(index.log) == 4
    assert list((tmp_path / "wheels").iterdir()) == []


def test_a_host_that_stops_sending_is_asked_again(index: Index, tmp_path: Path) -> None:
    index.stalls[PATH] = [1.0]

    assert fetch(index, tmp_path, read_s=0.2).read_bytes() == WHEEL.content
    assert len(index.log) == 2


def test_a_file_that_changes_between_two_parts_is_not_sewn_together(index: Index, tmp_path: Path) -> None:
    other = build_wheel("big", modules={"big.bin": b"another"})
    index.cuts[PATH] = [300_000]
    index.wheels["big"] = [other]

    with pytest.raises(DigestMismatchError) as caught:
        fetch(index, tmp_path)

    assert str(caught.value) == (
        "big-1.0-py3-none-any.whl: the digest differs\n"
        f"  expected  sha256:{WHEEL.sha256}\n"
        f"  actual    sha256:{other.sha256}\n"
        "hint: the index, or something in between, changed the file; do not deploy it"
    )
    assert list((tmp_path / "wheels").iterdir()) == []


def test_another_file_than_the_locked_one(index: Index, tmp_path: Path) -> None:
    locked = hashlib.sha256(b"locked").hexdigest()
    destination = tmp_path / WHEEL.filename

    with pytest.raises(DigestMismatchError):
        download(index.file_url(WHEEL), destination, sha256=locked, index_urls=(), pause_s=0.001)

    assert not destination.exists()


@pytest.mark.parametrize(("status", "reason"), [(404, "HTTP 404"), (403, "HTTP 403"), (503, "the host keeps failing")])
def test_what_the_host_refuses(index: Index, tmp_path: Path, status: int, reason: str) -> None:
    index.answers[PATH] = (status, "text/plain", b"no")

    with pytest.raises(SnowbuildError) as caught:
        fetch(index, tmp_path)

    assert caught.value.problems[0].message == f"cannot be downloaded from 127.0.0.1: {reason}"


def test_credentials_of_the_index_are_used_for_its_files(index: Index, tmp_path: Path) -> None:
    index.auth = ("alice", "p@ss word")
    url = index.url.replace("://", "://alice:p%40ss%20word@")

    assert fetch(index, tmp_path, index_urls=(url,)).read_bytes() == WHEEL.content
    with pytest.raises(SnowbuildError) as caught:
        fetch(index, tmp_path, index_urls=(url.replace("word@", "wrong@"),))
    assert str(caught.value) == (
        "big-1.0-py3-none-any.whl: cannot be downloaded from 127.0.0.1: HTTP 401\nhint: is the index reachable?"
    )


@pytest.mark.parametrize(
    ("index_urls", "expected"),
    [
        # Each index has its own, and the nearest one counts, whatever the order.
        (["http://a:1@h/a/simple/", "http://b:2@h/b/simple/"], ("b", "2")),
        (["http://b:2@h/b/simple/", "http://a:1@h/a/simple/"], ("b", "2")),
        (["http://a:1@h/", "http://b:2@h/b/"], ("b", "2")),
        # Folders count, and not letters.
        (["http://a:1@h/b/fil/", "http://b:2@h/b/"], ("a", "1")),
        # What is nearest and public gets none of another's.
        (["http://a:1@h/a/", "http://h/b/"], None),
        # None is near: the first that has any.
        (["http://h/c/", "http://a:1@h/a/", "http://d:4@h/d/"], ("a", "1")),
        (["http://token@h"], ("token", "")),
        (["http://a:1@h:8080/b/", "https://a:1@h/b/", "http://a:1@other/b/"], None),
        ([], None),
    ],
)
def test_credentials_of_several_indexes_at_one_host(index_urls: list[str], expected: tuple[str, str] | None) -> None:
    assert credentials_for("http://h/b/files/big-1.0-py3-none-any.whl", index_urls) == expected
