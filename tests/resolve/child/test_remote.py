"""Slow and cut connections."""

from __future__ import annotations

import io

import pytest
from pip._internal.network.session import PipSession

from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.archives import Archives
from snowbuild.resolve.child.remote import Remote
from tests.resolve.index import Index, build_wheel

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


@pytest.mark.integration
def test_proxies_are_looked_up_once_for_each_server(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []

    class Session(PipSession):
        def merge_environment_settings(self, url: str, *rest: object) -> object:  # type: ignore[override]  # As asked.
            looked_up.append(url)
            return super().merge_environment_settings(url, *rest)  # type: ignore[arg-type]  # As asked.

    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    index.add(build_wheel("app"), build_wheel("helper"))
    with Index() as other:
        other.add(build_wheel("app"))
        remote = Remote(Session(retries=0))
        answers = [remote.get(f"{url}{name}/") for url in (index.url, other.url) for name in ("app", "helper", "app")]

        assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 404, 200]
        assert [url.rpartition("/simple")[0] for url in looked_up] == [index.origin, other.origin]
