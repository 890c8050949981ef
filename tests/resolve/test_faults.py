"""Poor, broken and hostile indexes; and what is said when there is no solution."""

from __future__ import annotations

import io
import json
import socket
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Config, Dependencies, NativeWheels, Service
from snowbuild.errors import ResolutionError
from snowbuild.resolve import request_of
from snowbuild.resolve import resolve as resolve_request
from tests.resolve.conftest import channel_of
from tests.resolve.index import JSON_TYPE, Index, build_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.resolve.conftest import Resolve

pytestmark = pytest.mark.integration

POOR = {
    "html": {"html_only": True},
    "html without anything": {"html_only": True, "hashes": False, "own_metadata": False, "ranges": False},
    "no digests": {"hashes": False},
    "no sizes": {"sizes": False},
    "no metadata": {"own_metadata": False},
    "no ranges": {"own_metadata": False, "ranges": False},
}


@pytest.mark.parametrize("lacks", POOR.values(), ids=POOR.keys())
def test_poor_indexes_give_the_same_result(resolve: Resolve, index: Index, lacks: dict[str, bool]) -> None:
    index.add(
        build_wheel("app", requires=["big>=1"]),
        build_wheel("big", "1.0", tag="cp311-cp311-manylinux2014_x86_64", padding=300_000),
        build_wheel("big", "1.0", tag="cp311-cp311-win_amd64"),
        build_wheel("big", "1.1", requires_python=">=3.12"),
        build_wheel("big", "1.2", yanked=True),
    )
    complete = resolve("app")
    for name, value in lacks.items():
        setattr(index, name, value)

    assert resolve("app") == complete


def test_ranges_save_fetching_the_wheel(resolve: Resolve, index: Index) -> None:
    index.own_metadata = False
    wheel = build_wheel("big", padding=300_000)
    index.add(wheel)

    resolve("big", service=Service.REPOSITORY)

    assert index.log == ["GET /simple/big/", f"GET /files/{wheel.filename} bytes=-65536"]


def test_metadata_is_fetched_once(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("app", requires=["helper"]), build_wheel("helper"))
    resolve("app", service=Service.REPOSITORY)
    assert sorted(line for line in index.log if "files" in line) == [
        "GET /files/app-1.0-py3-none-any.whl.metadata",
        "GET /files/helper-1.0-py3-none-any.whl.metadata",
    ]
    index.log.clear()

    resolve("app", service=Service.REPOSITORY)

    assert sorted(index.log) == ["GET /simple/app/", "GET /simple/helper/"]


def test_metadata_with_another_digest_is_not_believed(resolve: Resolve, index: Index) -> None:
    wheel = build_wheel("app", requires=["helper"])
    index.add(wheel, build_wheel("helper"))
    index.answers[f"/files/{wheel.filename}.metadata"] = (200, "text/plain", b"Metadata-Version: 2.1\nName: app\n")

    assert sorted(resolve("app")) == ["app", "helper"]


def test_a_damaged_wheel_is_passed_over(resolve: Resolve, index: Index) -> None:
    index.own_metadata = False
    good, bad, other = build_wheel("app", "1.0"), build_wheel("app", "2.0"), build_wheel("app", "3.0")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "no metadata in here")
    index.add(good, replace(bad, content=b"this is no zip file"), replace(other, content=buffer.getvalue()))

    assert resolve("app")["app"].version == "1.0"


def test_credentials_open_the_index_and_are_written_nowhere(resolve: Resolve, index: Index, tmp_path: Path) -> None:
    index.auth = ("alice", "s3cr3t-token")
    index.add(build_wheel("app", requires=["helper"]), build_wheel("helper"), build_wheel("lone"))

    found = resolve("app", index_urls=(index.url_with_credentials,))

    assert found["app"].index == index.url
    assert "s3cr3t" not in repr(found)
    with pytest.raises(ResolutionError) as caught:
        resolve("app", "helper>5", "absent", index_urls=(index.url_with_credentials,))
    assert "s3cr3t" not in str(caught.value)
    direct = f"{index.url_with_credentials.removesuffix('simple/')}files/lone-1.0-py3-none-any.whl"
    lone = resolve(f"lone @ {direct}", index_urls=(index.url_with_credentials,))["lone"]
    assert lone.wheels[0].url == f"{index.origin}/files/lone-1.0-py3-none-any.whl"
    written = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if b"s3cr3t" in path.read_bytes()]


def test_wrong_credentials(resolve: Resolve, index: Index) -> None:
    index.auth = ("alice", "right")
    index.add(build_wheel("app"))

    with pytest.raises(ResolutionError) as caught:
        resolve("app", index_urls=(index.url.replace("://", "://alice:wrong-one@"),))

    assert str(caught.value) == (
        f"app on {index.url}: the index refuses access (401)\n"
        "hint: put the credentials in the URL under dependencies.index-urls, or in .netrc"
    )


def test_an_unreachable_index(resolve: Resolve) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pytest.raises(ResolutionError) as caught:
        resolve("app", index_urls=(f"http://alice:hidden@127.0.0.1:{port}/simple/",))

    assert str(caught.value) == (
        f"http://127.0.0.1:{port}/simple/app/: 127.0.0.1 refused the connection\n"
        "hint: check the network, the proxy variables and dependencies.index-urls"
    )


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, JSON_TYPE, b'{"files": ['), "the index cannot be read: it answered with invalid JSON"),
        (
            (200, JSON_TYPE, b'{"name": "app"}'),
            "the index cannot be read: it answered with JSON that is not a project page (PEP 691)",
        ),
        (
            (200, JSON_TYPE, b'{"meta": {"api-version": "2.0"}, "files": []}'),
            "the index cannot be read: it speaks version 2.0 of the index API; versions 1.x are understood",
        ),
        (
            (200, "image/png", b""),
            "the index cannot be read: it answered with image/png instead of a project page",
        ),
        ((418, "text/html", b""), "the index answered 418 I'm a Teapot"),
    ],
)
def test_answers_that_are_no_pages(
    resolve: Resolve, index: Index, answer: tuple[int, str, bytes], message: str
) -> None:
    index.answers["/simple/app/"] = answer

    with pytest.raises(ResolutionError) as caught:
        resolve("app")

    assert caught.value.problems[0].message == message
    assert caught.value.problems[0].where == f"app on {index.url}"


def test_an_index_that_keeps_failing(resolve: Resolve, index: Index) -> None:
    index.answers["/simple/app/"] = (503, "text/plain", b"")

    with pytest.raises(ResolutionError) as caught:
        resolve("app")

    assert caught.value.problems[0].message == "127.0.0.1 keeps failing: too many 503 error responses"
    assert index.log.count("GET /simple/app/") <= 9


def test_a_page_cannot_point_into_this_machine_or_at_other_projects(resolve: Resolve, index: Index) -> None:
    good = build_wheel("app", "1.0")
    index.add(good)
    rows = [
        {"filename": "app-2.0-py3-none-any.whl", "url": "file:///etc/passwd", "hashes": {}},
        {"filename": "../../app-3.0-py3-none-any.whl", "url": "x.whl", "hashes": {}},
        {"filename": "other-4.0-py3-none-any.whl", "url": "x.whl", "hashes": {}},
        {"filename": "app-5.0-py3-none-any.whl", "url": 7, "hashes": {}},
        {"filename": "app-six-py3-none-any.whl", "url": "x.whl", "hashes": {}},
        "app-7.0-py3-none-any.whl",
        {
            "filename": good.filename,
            "url": f"/files/{good.filename}",
            "hashes": "none",
            "size": "many",
            "yanked": False,
        },
    ]
    index.answers["/simple/app/"] = (200, JSON_TYPE, json.dumps({"files": rows}).encode())

    app = resolve("app")["app"]

    assert app.version == "1.0"
    assert (app.wheels[0].sha256, app.wheels[0].size) == (good.sha256, len(good.content))


def test_as_of_needs_upload_times(resolve: Resolve, index: Index) -> None:
    index.html_only = True
    index.add(build_wheel("app"))

    with pytest.raises(ResolutionError) as caught:
        resolve("app", as_of=datetime(2026, 3, 1, tzinfo=UTC))

    assert str(caught.value) == (
        f"{index.url}app/: the index does not say when app-1.0-py3-none-any.whl was uploaded, which as-of needs\n"
        "hint: remove dependencies.as-of, or use an index with upload times (PEP 700)"
    )


def test_a_conflict_names_who_requires_what_and_what_there_is(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("app", requires=["core==1.0", "numpy"]),
        build_wheel("core", requires=["numpy>=2,<3"]),
        *(build_wheel("numpy", f"1.{minor}") for minor in range(20, 29)),
        build_wheel("numpy", "2.5", yanked=True),
    )

    with pytest.raises(ResolutionError) as caught:
        resolve("app==1.0", constraints=("numpy!=1.21",))

    assert str(caught.value) == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  app 1.0 requires numpy\n"
        "  core 1.0 (required by app) requires numpy<3,>=2\n"
        "  snowbuild.toml constrains numpy!=1.21\n"
        "  numpy: wheels for Python 3.11 on x86_64 exist for 1.23, 1.24, 1.25, 1.26, 1.27, 1.28 and 3 older\n"
        "hint: loosen one of the requirements"
    )


def test_a_conflict_with_the_channel(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("app", requires=["numpy>=2"]), build_wheel("numpy", "2.0"), build_wheel("numpy", "1.26.4"))

    with pytest.raises(ResolutionError) as caught:
        resolve("app", channel=channel_of("numpy==1.26.4"), native=NativeWheels.DENY)

    assert str(caught.value) == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  app 1.0 requires numpy>=2\n"
        "  numpy: the channel offers 1.26.4\n"
        "  (the channel's content: a test)\n"
        'hint: let Snowflake install from an artifact repository with packages.service = "repository", which resolves'
    )


def test_a_distribution_without_wheels_is_named(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("app", requires=["sourceful", "elsewhere"]))
    index.sources["sourceful"] = ["sourceful-1.0.tar.gz", "sourceful-2.0.tar.gz"]

    with pytest.raises(ResolutionError) as caught:
        resolve("app", exclude=("elsewhere",))

    assert str(caught.value) == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  app 1.0 requires sourceful\n"
        "  sourceful: no wheel fits Python 3.11 on x86_64; the index has 1.0, 2.0 for others or as source\n"
        'hint: check the name, or leave it out with dependencies.exclude = ["sourceful"]'
    )


def test_an_unknown_name(resolve: Resolve) -> None:
    with pytest.raises(ResolutionError) as caught:
        resolve("nmupy")

    assert str(caught.value) == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  snowbuild.toml requires nmupy\n"
        "  nmupy: no index has a distribution of this name\n"
        'hint: check the name, or leave it out with dependencies.exclude = ["nmupy"]'
    )


def test_a_python_that_does_not_fit(resolve: Resolve, index: Index) -> None:
    wheel = build_wheel("app", requires_python=">=3.13")
    index.add(replace(wheel, requires_python=None))

    with pytest.raises(ResolutionError) as caught:
        resolve("app")

    assert str(caught.value) == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  app 1.0 requires Python >=3.13, and the runtime has 3.11.9\n"
        "hint: loosen one of the requirements"
    )


def test_requirements_of_wheels_cannot_lead_to_anything_but_wheels(resolve: Resolve, index: Index) -> None:
    index.add(build_wheel("app", requires=[f"evil @ {index.origin}/files/evil-1.0.tar.gz"]))

    with pytest.raises(ResolutionError) as caught:
        resolve("app")

    assert str(caught.value) == (
        f"{index.origin}/files/evil-1.0.tar.gz: only wheels can be used, and source archives are never built"
    )


def test_a_local_wheel_that_is_none(resolve: Resolve, tmp_path: Path) -> None:
    (tmp_path / "mine-1.0-py3-none-any.whl").write_bytes(b"nothing")

    with pytest.raises(ResolutionError) as caught:
        resolve("./mine-1.0-py3-none-any.whl")

    assert (
        str(caught.value)
        == "mine-1.0-py3-none-any.whl: not a usable wheel: it is not a zip file: File is not a zip file"
    )


def test_pips_configuration_and_the_current_folder_have_no_influence(
    resolve: Resolve, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add(build_wheel("app", "1.0"), build_wheel("app", "2.0rc1"))
    plain = resolve("app")
    with Index() as other:
        other.add(build_wheel("app", "66.0"))
        hostile = tmp_path / "hostile"
        hostile.mkdir()
        for module in ("snowbuild", "pip", "piptools", "json"):
            (hostile / f"{module}.py").write_text("raise SystemExit('imported from the current folder')")
        (hostile / "pip.conf").write_text(f"[global]\nindex-url = {other.url}\npre = true\n")
        (hostile / "app-77.0-py3-none-any.whl").write_bytes(build_wheel("app", "77.0").content)
        monkeypatch.chdir(hostile)
        monkeypatch.setenv("PIP_CONFIG_FILE", str(hostile / "pip.conf"))
        monkeypatch.setenv("PIP_INDEX_URL", other.url)
        monkeypatch.setenv("PIP_FIND_LINKS", str(hostile))
        monkeypatch.setenv("PIP_PRE", "1")
        monkeypatch.setenv("UV_INDEX_URL", other.url)
        monkeypatch.setenv("PYTHONPATH", str(hostile))

        assert resolve("app") == plain
        assert other.log == []


def test_a_cache_that_cannot_be_written(index: Index, config: Config, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    dependencies = Dependencies(requirements=("app",), index_urls=(index.url,))
    request = request_of(replace(config, dependencies=dependencies))

    with pytest.raises(ResolutionError) as caught:
        resolve_request(request, cache=tmp_path / "file" / "cache")

    assert str(caught.value) == (
        f"{tmp_path}/file/cache: the cache cannot be written: Not a directory\n"
        "hint: set SNOWBUILD_CACHE_DIR to use another folder"
    )
