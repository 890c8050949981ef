"""Slow and cut connections."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from pip._internal.network.session import PipSession

from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.archives import Archives
from snowbuild.resolve.child.remote import Remote
from tests.resolve.index import build_wheel

if TYPE_CHECKING:
    from tests.resolve.index import Index

pytestmark = pytest.mark.integration

WHEEL = build_wheel("big", padding=200_000)
PATH = f"/files/{WHEEL.filename}"
HINT = "hint: check the network, the proxy variables and dependencies.index-urls"


@pytest.fixture
def remote() -> Remote:
    session = PipSession(retries=0)
    vars(session)["timeout"] = 0.3  # pip has whole seconds only.
    return Remote(session, pause_s=0.001)


def test_a_page_that_breaks_off_is_asked_for_again(remote: Remote, index: Index) -> None:
    index.add(WHEEL)
    index.cuts["/simple/big/"] = [20, 0]

    assert remote.get(f"{index.url}big/").content == index.page("big")[2]
    assert len(index.log) == 3


def test_a_page_that_always_breaks_off(remote: Remote, index: Index) -> None:
    index.add(WHEEL)
    index.cuts["/simple/big/"] = [20] * 9

    with pytest.raises(ResolutionError) as caught:
        remote.get(f"{index.url}big/")

    assert str(caught.value) == f"{index.url}big/: 127.0.0.1 broke the connection off\n{HINT}"
    assert len(index.log) == 3


def test_a_page_that_stops_coming_is_asked_for_again(remote: Remote, index: Index) -> None:
    index.add(WHEEL)
    index.stalls["/simple/big/"] = [0.6]

    assert remote.get(f"{index.url}big/").content == index.page("big")[2]


def test_a_page_that_never_comes(remote: Remote, index: Index) -> None:
    index.add(WHEEL)
    index.stalls["/simple/big/"] = [0.6] * 9

    with pytest.raises(ResolutionError) as caught:
        remote.get(f"{index.url}big/")

    assert str(caught.value) == f"{index.url}big/: 127.0.0.1 did not answer in time\n{HINT}"


def test_a_wheel_is_taken_up_where_it_broke(remote: Remote, index: Index) -> None:
    index.add(WHEEL)
    index.cuts[PATH] = [150_000]
    file = io.BytesIO()

    remote.save(index.file_url(WHEEL), file)

    assert file.getvalue() == WHEEL.content
    assert index.log == [f"GET {PATH}", f"GET {PATH} bytes=131072-"]


def test_metadata_comes_through_a_bad_connection(remote: Remote, index: Index) -> None:
    index.add(WHEEL)
    index.cuts[PATH] = [1000, 0]

    assert Archives(remote).metadata(index.file_url(WHEEL), WHEEL.sha256) == WHEEL.metadata


def test_a_wheel_that_is_not_there(remote: Remote, index: Index) -> None:
    with pytest.raises(ResolutionError) as caught:
        remote.save(f"{index.origin}/files/none.whl", io.BytesIO())

    assert str(caught.value) == f"{index.origin}/files/none.whl: 127.0.0.1 answered 404 Not Found"
